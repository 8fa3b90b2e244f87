"""The page, built once in a test run while other tests run; each process's server gets a copy of it."""

import os
import shutil
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path

from tests.app_server import AppServer
from tests.server_process import START_TIMEOUT

_CLAIM, _RESULT = "page-is-being-built", "page-is-built"
_NO_MODEL = "http://127.0.0.1:9/v1"  # a model is configured, as for the servers that get the page


class PageBuild:
    """A build in the background.

    Args:
        shared: A folder that the processes of the run share.
    """

    def __init__(self, shared: Path) -> None:
        (shared / _CLAIM).touch()
        self._server = AppServer(shared / "page", OPENAI_BASE_URL=_NO_MODEL)
        self._process = self._server.build()
        self._result = shared / _RESULT
        threading.Thread(target=self._announce, daemon=True).start()

    def stop(self) -> None:
        """Kill the build with its child processes unless it has ended."""
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _announce(self) -> None:
        self._process.wait()
        _announce(self._result, self._server.folder)


def start_with_page(server: AppServer, shared: Path) -> None:
    """Start ``server`` for the first time, with the page that the run has built or else one that it builds itself.

    Args:
        server: The server, not started yet.
        shared: A folder that the processes of the run share.
    """
    try:
        (shared / _CLAIM).touch(exist_ok=False)
    except FileExistsError:
        if built := _wait_for(shared / _RESULT):
            _copy_page(built, server.folder)
        server.start()
    else:
        server.start()
        _announce(shared / _RESULT, server.folder)


def built_packages(shared: Path) -> Path | None:
    """Wait for the page that the run builds, and return its ``node_modules``; ``None`` if the run builds no page."""
    built = _wait_for(shared / _RESULT) if (shared / _CLAIM).exists() else None
    return built and built / ".web/node_modules"


def copy_web(source: Path, target: Path) -> None:
    """Copy a folder of Reflex's, ``.web``, but link the files of the packages, which take 400 MB."""
    shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("node_modules"))
    shutil.copytree(source / "node_modules", target / "node_modules", symlinks=True, copy_function=os.link)


def _announce(result: Path, folder: Path) -> None:
    new = result.with_suffix(".new")
    new.write_text(str(folder), "utf-8")
    new.rename(result)


def _wait_for(result: Path) -> Path | None:
    """Return the folder of the build in another process, or ``None`` if that takes too long or has failed."""
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        if result.exists():
            built = Path(result.read_text("utf-8"))
            return built if (built / ".web/build/client/index.html").exists() else None
        time.sleep(0.1)  # for another process
    return None


def _copy_page(built: Path, folder: Path) -> None:
    """Copy the page, which finds its API on any port."""
    copy_web(built / ".web", folder / ".web")
    # Newer than the copy of the sources, which are the same: it isn't built again.
    (folder / ".web/build/client/index.html").touch()
