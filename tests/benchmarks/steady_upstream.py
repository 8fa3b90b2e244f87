"""A minimal OpenAI-compatible server for hundreds of streams, which records the time of each token.

Its tokens are numbers, six digits each, so that a reader can compute the delay of each.
"""

import asyncio
import json
import re
from typing import Self

_THINKING = 0.1  # seconds from a request to the first token
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_CHUNK = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "steady"}


class SteadyUpstream:
    """The model; its answers never end by themselves.

    Attributes:
        rate: Tokens a second in an answer.
        sent: The time at which each token was sent, in the event loop's time.
        asked: The time of the question, by the first token of its answer.
    """

    def __init__(self) -> None:
        self.rate = 50.0
        self.sent: list[float] = []
        self.asked: dict[int, float] = {}

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Answer(self, loop), "127.0.0.1", 0, backlog=1000)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"

    @property
    def calls(self) -> int:
        return len(self.asked)

    def plan(self, *, rate: float) -> None:
        """Reset the records, and set the rate of further answers; 0 is one token and then silence."""
        self.rate = rate
        self.sent, self.asked = [], {}


class _Answer(asyncio.Protocol):
    """A connection with its answer."""

    def __init__(self, upstream: SteadyUpstream, loop: asyncio.AbstractEventLoop) -> None:
        self._upstream = upstream
        self._loop = loop
        self._request = b""
        self._next: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self._next:
            self._next.cancel()

    def data_received(self, data: bytes) -> None:
        self._request += data
        head, end, body = self._request.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if end and length and len(body) >= int(length[1]):
            self._transport.write(_HEAD)
            self._asked = self._loop.time()
            self._due = self._asked + _THINKING
            self._next = self._loop.call_at(self._due, self._begin)

    def _begin(self) -> None:
        self._upstream.asked[len(self._upstream.sent)] = self._asked
        self._send()

    def _send(self) -> None:
        upstream = self._upstream
        event = _event(f"{len(upstream.sent):06}")
        self._transport.write(b"%x\r\n%b\r\n" % (len(event), event))
        upstream.sent.append(self._loop.time())
        if upstream.rate:
            self._due += 1 / upstream.rate
            self._next = self._loop.call_at(self._due, self._send)


def _event(text: str) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
    return b"data: %b\n\n" % json.dumps({**_CHUNK, "choices": [choice]}).encode()
