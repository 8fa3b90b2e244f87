"""Lightweight clients of ``/stream``, hundreds in one process."""

import asyncio
import contextlib
import re
from array import array
from urllib.parse import urlsplit

from tests.benchmarks.steady_upstream import SteadyUpstream

PATIENCE = 10.0  # seconds to wait for a first token

KEY = "benchmark-0123456789"
"""The readers' API key."""

_AUTHORIZATION = f"Authorization: Bearer {KEY}\r\n"
_TOKEN = re.compile(rb'"chunk": ?"(\d{6})"')


class Readers:
    """All readers of one server.

    Attributes:
        delays: Seconds from the model to the reader for each token, in the order of arrival.
    """

    def __init__(self, url: str, upstream: SteadyUpstream) -> None:
        self.delays = array("d")
        self.upstream = upstream
        address = urlsplit(url)
        self._host, self._port = address.hostname or "", address.port or 80
        self._open: list[_Reader] = []

    async def open(self, count: int, query: str = "message=Hello", *, over: float = 1.0) -> None:
        """Open more readers, evenly over some seconds, and wait for each one's first token, if there will be one."""
        new = [await self._connect(query, over / count) for _ in range(count)]
        await asyncio.gather(*(reader.begin() for reader in new))

    async def added_to_first(self) -> float:
        """Seconds that the server adds to the time to first token of one more reader.

        At most ``PATIENCE``.
        """
        reader = await self._connect("message=Hello", 0)
        await reader.begin()
        self._open.remove(reader)
        reader.close()
        if reader.first is None:
            return PATIENCE
        token, came = reader.first
        return came - reader.asked - (self.upstream.sent[token] - self.upstream.asked[token])

    def behind(self, lag: float) -> int:
        """The number of readers whose newest token was sent more than ``lag`` seconds ago."""
        now = asyncio.get_running_loop().time()
        return sum(now - self.upstream.sent[reader.newest] > lag for reader in self._open)

    def close(self) -> None:
        """Disconnect all readers."""
        for reader in self._open:
            reader.close()
        self._open.clear()

    async def _connect(self, query: str, pause: float) -> "_Reader":
        loop = asyncio.get_running_loop()
        reader = _Reader(self, f"GET /stream?{query} HTTP/1.1\r\nHost: {self._host}\r\n{_AUTHORIZATION}\r\n".encode())
        self._open.append(reader)
        await loop.create_connection(lambda: reader, self._host, self._port)
        await asyncio.sleep(pause)
        return reader


class _Reader(asyncio.Protocol):
    """A reader.

    Attributes:
        asked: The time of its question.
        first: Its first token and the time of arrival; ``None`` before.
        newest: The last token received.
    """

    def __init__(self, readers: Readers, request: bytes) -> None:
        self._loop = asyncio.get_running_loop()
        self._delays = readers.delays
        self._sent = readers.upstream.sent
        self._request = request
        self._rest = b""
        self.newest = 0
        self.first: tuple[int, float] | None = None
        self._begun = asyncio.Event()

    async def begin(self) -> None:
        """Wait for the first token, unless there will be none."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._begun.wait(), PATIENCE)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.asked = self._loop.time()
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        now = self._loop.time()
        lines, _, self._rest = (self._rest + data).rpartition(b"\n")
        for digits in _TOKEN.findall(lines):
            self.newest = int(digits)
            self._delays.append(now - self._sent[self.newest])
            if self.first is None:
                self.first = self.newest, now
                self._begun.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self._begun.set()

    def close(self) -> None:
        self._transport.abort()
