"""The HTTP server's side of a connection, with bounds on what a client costs that sends or takes next to nothing.

The page and ``/stream`` are served by uvicorn: in production a worker of gunicorn's runs it, while developing Reflex.
"""

import logging
import socket
from asyncio import TimerHandle, Transport
from functools import partial
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from chat_app.config import Settings
from chat_app.infrastructure.security.response_headers import response_headers
from chat_app.infrastructure.server.websocket import websockets

logger = logging.getLogger(__name__)

# As much as uvicorn's other parser takes, and more than browsers send; httptools itself has no limit. It holds too for
# what may come between the pieces of a body, and after it.
_MAX_HEAD = 65_536  # bytes

CLOSE_TIMEOUT = 5  # seconds that connections may take to close when the server stops


class Connection(HttpToolsProtocol):
    """One client's connection.

    Args:
        head_timeout: Seconds that a request's first line and headers may take, and the rest of its body after the
            response.
        reader_timeout: Seconds that a reader may take nothing of what is to be sent to it.
    """

    def __init__(self, *args: Any, head_timeout: float, reader_timeout: float, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_timeout = head_timeout
        self._reader_timeout = reader_timeout
        self._is_received = False  # the whole of a request
        self._size = 0  # bytes received since the head, or a piece of a body
        self._until_head: TimerHandle | None = None
        self._until_body: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override] - as in uvicorn's own
        super().connection_made(transport)
        _break_off_unless_taken(transport, self._reader_timeout)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        if isinstance(exc, TimeoutError):
            _log_broken_off("a reader has taken nothing for too long", "READER_TIMEOUT")
        self._stop_expecting_head()
        self._stop_expecting_body()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._size += len(data)
        super().data_received(data)
        if self._size > _MAX_HEAD:
            self._break_off()

    def on_body(self, body: bytes) -> None:
        self._size = 0
        super().on_body(body)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if not self._until_head:
            self._expect_head()

    def on_headers_complete(self) -> None:
        self._stop_expecting_head()
        self._size = 0
        self._is_received = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._stop_expecting_body()
        self._is_received = True
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        # Nothing reads the rest of the body, and uvicorn would receive it for as long as it comes.
        if not self._is_received and not self.transport.is_closing():
            self._until_body = self.loop.call_later(self._head_timeout, self._break_off)

    def _stop_expecting_body(self) -> None:
        if self._until_body:
            self._until_body.cancel()
            self._until_body = None

    def _expect_head(self) -> None:
        self._size = 0
        self._until_head = self.loop.call_later(self._head_timeout, self._break_off)

    def _stop_expecting_head(self) -> None:
        if self._until_head:
            self._until_head.cancel()
            self._until_head = None

    def _break_off(self) -> None:
        _log_broken_off(
            "a request's head, or its body after the response, takes too long or is too much", "BODY_TIMEOUT"
        )
        self.transport.abort()


def server_options(settings: Settings) -> dict[str, Any]:
    """Settings for uvicorn: our connections, websockets and headers."""
    # uvicorn's type for ``http`` is a class, but all it does is call it.
    connections = partial(Connection, head_timeout=settings.body_timeout, reader_timeout=settings.reader_timeout)
    return {
        "http": connections,
        "ws": websockets(settings),
        "headers": response_headers(settings),
        "timeout_graceful_shutdown": CLOSE_TIMEOUT,
    }


def _log_broken_off(why: str, variable: str) -> None:
    logger.info(why, extra={"fields": {"variable": variable}, "often": True})


def _break_off_unless_taken(transport: Transport, seconds: float) -> None:
    """Have the system do it, which sees every byte that is taken, also on a websocket and after a response's end.

    A time-out of our own could only close the connection, and that waits until everything has been taken. Linux only.
    """
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        client: socket.socket = transport.get_extra_info("socket")
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(seconds * 1000))
