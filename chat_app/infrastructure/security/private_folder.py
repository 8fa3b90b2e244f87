"""Folders that only their owner may read."""

from pathlib import Path


def make_private(folder: Path) -> None:
    """Create a folder with mode 0700, whatever the umask; an existing one stays as it is.

    Raises:
        OSError: It can't be created.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
