"""A server in processes of its own, for tests and benchmarks."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import psutil

from chat_app.config import Settings
from chat_app.infrastructure.server.options import VARIABLE as GUNICORN

START_TIMEOUT = 600  # seconds; a first start may install packages and build the page, on a machine that is busy
_END_TIMEOUT = 60  # seconds


class ServerProcess:
    """A command that serves HTTP on the loopback interface.

    Args:
        command: The program and its arguments; ``python`` stands for this interpreter.
        url: Its address.
        ready: Addresses that answer once it is ready.
        folder: Where it runs, and where its log is.
        environment: Added to the environment, of which the app's own configuration is left out.
    """

    def __init__(
        self,
        command: Sequence[str],
        url: str,
        *,
        ready: Sequence[str],
        folder: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.url = url
        self.folder = folder
        self._command = command
        self._ready = ready
        self._environment = {**_inherited_environment(), **(environment or {})}
        self._log = folder / f"server-{urlsplit(url).port}.log"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def log(self) -> str:
        """The output since the first start."""
        return self._log.read_text("utf-8")

    @property
    def group(self) -> int:
        """The id of the group of its processes."""
        return self._process.pid

    def start(self, **environment: str) -> None:
        """Start it and wait until it answers; ``environment`` differs from the configured one this time only."""
        self._chosen = environment
        self._process = self._launch(self._command, environment)
        self._wait_until_it_answers()

    def ensure(self, **environment: str) -> None:
        """Restart it unless it is running with just this ``environment`` beside the configured one."""
        if self._process.poll() is not None or environment != self._chosen:
            self.restart(**environment)

    def kill(self) -> None:
        """End all its processes at once, without a chance to save anything."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def send(self, number: signal.Signals, *, to_all: bool) -> None:
        """Send a signal to the process that was started, or to all, as systemd and Ctrl-C in a terminal do."""
        (os.killpg if to_all else os.kill)(self._process.pid, number)

    def wait(self) -> None:
        """Wait until the process that was started has ended by itself."""
        self._process.wait(timeout=_END_TIMEOUT)

    @property
    def processes(self) -> list[psutil.Process]:
        """Return the remaining child processes of the process that was started."""
        left: list[psutil.Process] = []
        for process in psutil.process_iter():
            with suppress(ProcessLookupError, psutil.NoSuchProcess):
                if os.getsid(process.pid) == self._process.pid and process.status() != psutil.STATUS_ZOMBIE:
                    left.append(process)
        return left

    def restart(self, **environment: str) -> None:
        """Kill it, and start it again at the same addresses."""
        self.kill()
        self.start(**environment)

    def _launch(self, command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable if part == "python" else part for part in command],
                cwd=self.folder,
                env={**self._environment, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while not all(map(_answers, self._ready)):
            assert self._process.poll() is None, f"the server has ended\n{self.log}"
            assert time.monotonic() < deadline, f"the server doesn't answer\n{self.log}"
            time.sleep(0.02)  # there is nothing to wait on


def free_port() -> int:
    """Return a free port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def _inherited_environment() -> dict[str, str]:
    # Reflex behaves differently where it sees pytest's own variable. A test that has read rxconfig.py has gunicorn's.
    left_out = {"PYTEST_CURRENT_TEST", GUNICORN, *(name.upper() for name in Settings.model_fields)}
    return {name: value for name, value in os.environ.items() if name not in left_out}


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5):  # noqa: S310 - a loopback address
            return True
    except HTTPError as refused:
        refused.close()
        return False
    except (URLError, OSError):
        return False
