"""Folders for what nobody but its owner may read."""

from pathlib import Path


def make_private(folder: Path) -> None:
    """Create it for the owner alone, whatever the umask; one that is there already stays as it is.

    Raises:
        OSError: It can't be created.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
