"""The page, built once in a test run; servers of other processes get a copy of it."""

import json
import os
import shutil
import time
from pathlib import Path

from tests.app_server import AppServer
from tests.server_process import START_TIMEOUT

_CLAIM, _RESULT = "page-is-being-built", "page-is-built"

# What of a build names the API's address.
_ADDRESSED = ("env.json", "build/client/assets/reflex-env-*.js", "build/server/assets/reflex-env-*.js")


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
            _copy(Path(built["folder"]), built["api_url"], server)
        server.start()
    else:
        server.start()
        result = shared / f"{_RESULT}.new"
        result.write_text(json.dumps({"folder": str(server.folder), "api_url": server.api_url}), "utf-8")
        result.rename(shared / _RESULT)


def _wait_for(result: Path) -> dict[str, str] | None:
    """What the other process has built; ``None`` if it takes too long, for it may have failed."""
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        if result.exists():
            return json.loads(result.read_text("utf-8"))
        time.sleep(0.1)  # another process
    return None


def _copy(folder: Path, api_url: str, server: AppServer) -> None:
    """Copy the page, and have it look for the API of ``server``. Its packages are 400 MB, so they are linked."""
    source, target = folder / ".web", server.folder / ".web"
    shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("node_modules"))
    shutil.copytree(source / "node_modules", target / "node_modules", symlinks=True, copy_function=os.link)
    addressed = [path for pattern in _ADDRESSED for path in target.glob(pattern)]
    assert addressed
    for path in addressed:
        text = path.read_text("utf-8")
        assert api_url in text or api_url.replace("http", "ws") in text
        host, new_host = api_url.partition("//")[2], server.api_url.partition("//")[2]
        path.write_text(text.replace(host, new_host), "utf-8")
        path.with_name(f"{path.name}.gz").unlink(missing_ok=True)
    # Newer than the copy of the sources, which are the same: it isn't built again.
    (target / "build/client/index.html").touch()
