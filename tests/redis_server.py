"""A throwaway Redis server of the installed version, for tests.

with RedisServer() as server:  # on a free port of this machine, its files in a temporary folder
    ... connect(server.url) ...
"""

import shutil
import signal
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from redis import Redis
from redis.exceptions import RedisError

from tests.server_process import free_port

_START_SECONDS = 10
_ATTEMPTS = 5


class NotInstalled(Exception):
    """Redis' server isn't installed; the text says how to install it."""


class _Ended(Exception):
    """The server ended by itself; the text is its log."""


class RedisServer:
    """The server.

    Args:
        appendonly: Keep the data in a file: ``kill`` and ``start`` lose nothing. By default they are empty afterwards.

    Raises:
        NotInstalled: No server is installed.
    """

    def __init__(self, *, appendonly: bool = False) -> None:
        program = shutil.which("redis-server") or shutil.which("valkey-server")
        if program is None:
            raise NotInstalled("Redis' server is missing; on Debian and Ubuntu: apt install redis-server")
        self._program = program
        self._appendonly = "yes" if appendonly else "no"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._directory = TemporaryDirectory(prefix="chat-redis-")
        self._folder = Path(self._directory.name)
        for attempt in range(_ATTEMPTS):
            self.port = free_port()
            self.url = f"redis://127.0.0.1:{self.port}/0"
            try:
                self.start()
            except _Ended:  # another process of the test run has taken the port in the meantime
                if attempt == _ATTEMPTS - 1:
                    raise
            else:
                break
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._directory.cleanup()

    @property
    def pid(self) -> int:
        """The id of its process."""
        assert self._process
        return self._process.pid

    def start(self) -> None:
        """Start it, again after ``stop`` or ``kill``, and wait until it has loaded its data."""
        self._process = subprocess.Popen(
            [
                self._program,
                *("--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self._folder)),
                *("--save", "", "--appendonly", self._appendonly),
                *("--logfile", str(self._folder / "log")),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + _START_SECONDS
        while not self._is_ready():
            log = (self._folder / "log").read_text
            if self._process.poll() is not None:
                raise _Ended(log())
            assert time.monotonic() < deadline, log()
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop it in an orderly way."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Stop it at once, also while it is paused."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Stop it from replying: connections stay open, and new ones are accepted by the kernel alone."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGCONT)

    def empty(self) -> None:
        """Delete all keys."""
        with Redis.from_url(self.url) as client:
            client.flushall()

    def _end(self, by: signal.Signals) -> None:
        if self._process:
            self._process.send_signal(by)
            self._process.wait(timeout=10)
            self._process = None

    def _is_ready(self) -> bool:
        try:
            with Redis.from_url(self.url, socket_timeout=1) as client:
                # Not another process' server on the same port.
                return client.info("server")["process_id"] == self.pid  # pyright: ignore[reportIndexIssue] - typed as async too
        except RedisError:  # it doesn't listen yet, or is still loading
            return False
