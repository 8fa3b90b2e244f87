"""Requests and websockets of a worker that shuts down: pages move to other workers, connections close."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SERVICE_RESTART = 1012  # https://www.iana.org/assignments/websocket/websocket.xhtml#close-code-number
_CLOSE_HEADER = (b"connection", b"close")
_INTERVAL = 0.1  # seconds
_CLOSE_TIMEOUT = 1.0  # seconds
_AT_ONCE = 25  # pages moved in an interval: each loads its conversation again on another worker


@dataclass(eq=False, slots=True)
class _Socket:
    """A page's websocket; ``token`` is Reflex's name of the page."""

    token: str
    send: Send


class Connections:
    """Open requests and websockets, and which pages follow an answer."""

    def __init__(self) -> None:
        self._requests = 0
        self._sockets: dict[_Socket, None] = {}
        self._following = Counter[str]()
        self._is_draining = False
        self._moving: asyncio.Task[None] | None = None

    @property
    def are_busy(self) -> bool:
        """True while a request is being served, or a page follows an answer."""
        return bool(self._requests or self._following)

    @contextmanager
    def following(self, token: str) -> Iterator[None]:
        """Count the page with this token as one that follows an answer."""
        self._following[token] += 1
        try:
            yield
        finally:
            self._following[token] -= 1
            if not self._following[token]:
                del self._following[token]

    def drain(self, *, move_pages: bool) -> None:
        """From now on, close each HTTP connection after its next response.

        Args:
            move_pages: Close the websockets of pages that follow no answer, which reconnect to another worker.
        """
        self._is_draining = True
        if move_pages and not self._moving:
            self._moving = asyncio.create_task(self._move_pages())

    async def close(self) -> None:
        """Move no more pages."""
        if self._moving:
            self._moving.cancel()
            await asyncio.wait([self._moving])

    async def _move_pages(self) -> None:
        followed = set[str]()
        while True:
            # Those that have followed an answer until now are still being sent its end.
            busy = followed.union(self._following)
            idle = (each for each in self._sockets if each.token not in busy)
            moving = list(islice(idle, _AT_ONCE))
            for socket in moving:
                del self._sockets[socket]
            await asyncio.gather(*(_close(socket.send) for socket in moving))
            followed = set(self._following)
            await asyncio.sleep(_INTERVAL)

    async def serve(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request or a websocket with ``app``."""
        match scope["type"]:
            case "http":
                self._requests += 1
                try:
                    # Not for each piece of a stream, unless the worker shuts down.
                    await app(scope, receive, _closing(send) if self._is_draining else send)
                finally:
                    self._requests -= 1
            case "websocket" if self._moving:
                await receive()
                await _close(send)
            case "websocket":
                socket = _Socket(_token(scope), send)
                self._sockets[socket] = None
                try:
                    await app(scope, receive, send)
                finally:
                    self._sockets.pop(socket, None)
            case _:
                await app(scope, receive, send)


class TrackedConnections:
    """ASGI middleware that serves with ``Connections``."""

    def __init__(self, app: ASGIApp, connections: Connections) -> None:
        self._app = app
        self._connections = connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._connections.serve(self._app, scope, receive, send)


def _token(scope: Scope) -> str:
    return parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]


async def _close(send: Send) -> None:
    with suppress(RuntimeError, OSError):  # it is closed already, or its reader takes nothing (TimeoutError)
        async with asyncio.timeout(_CLOSE_TIMEOUT):
            # Not with a packet of Socket.IO's, after which the page wouldn't reconnect.
            await send({"type": "websocket.close", "code": _SERVICE_RESTART})


def _closing(send: Send) -> Send:
    """``send``, with ``Connection: close`` in the response's head."""

    async def send_and_close(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", []), _CLOSE_HEADER]}
        await send(message)

    return send_and_close
