"""The page, built once in a test run; servers of other processes get a copy of it."""

import os
import shutil
import time
from pathlib import Path

from tests.app_server import AppServer
from tests.server_process import START_TIMEOUT

_CLAIM, _RESULT = "page-is-being-built", "page-is-built"


def start_with_page(server: AppServer, shared: Path) -> None:
    """Start ``server``: with a page that it builds, or that another process has built.

    Args:
        server: It has not been started yet.
        shared: A folder that the processes of the run share.
    """
    try:
        (shared / _CLAIM).touch(exist_ok=False)
    except FileExistsError:
        if built := _wait_for(shared / _RESULT):
            _copy(built, server.folder)
        server.start()
    else:
        server.start()
        result = shared / f"{_RESULT}.new"
        result.write_text(str(server.folder), "utf-8")
        result.rename(shared / _RESULT)


def _wait_for(result: Path) -> Path | None:
    """The folder that the other process has built in; ``None`` if it takes too long, for it may have failed."""
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        if result.exists():
            return Path(result.read_text("utf-8"))
        time.sleep(0.1)  # another process
    return None


def _copy(built: Path, folder: Path) -> None:
    """Copy the page, which finds its API on whatever port. Its packages are 400 MB, so they are linked."""
    source, target = built / ".web", folder / ".web"
    shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("node_modules"))
    shutil.copytree(source / "node_modules", target / "node_modules", symlinks=True, copy_function=os.link)
    # Newer than the copy of the sources, which are the same: it isn't built again.
    (target / "build/client/index.html").touch()
