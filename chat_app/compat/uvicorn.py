"""Uses of uvicorn beyond its settings. Read in uvicorn 0.54."""

import logging
import zlib
from asyncio import TimerHandle, Transport
from dataclasses import replace
from typing import Any

from uvicorn import Server
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.wsproto_impl import WSProtocol
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, Event
from wsproto.extensions import PerMessageDeflate
from wsproto.frame_protocol import FrameDecoder, FrameProtocol, Opcode, RsvBits

logger = logging.getLogger(__name__)

# As much as uvicorn's other parser takes, and more than browsers send; httptools itself has no limit. Also the limit on
# chunk extensions and trailers.
_MAX_HEAD = 65_536  # bytes

# zlib's memory beside the 32 kB it looks back in (https://www.zlib.net/manual.html#Advanced). Its default, 8, takes
# 112 kB more, and the messages get no smaller.
_MEMORY_LEVEL = 5


def stop_listening(exit_handler: object) -> None:
    """Have uvicorn accept no more connections in this process; open ones go on.

    Needs ``Server.handle_exit``, its handler of signals, and ``Server.servers``. uvicorn itself stops listening just
    before it closes all connections. Without it, a worker whose answers are ending takes connections from the others.

    Args:
        exit_handler: The handler of SIGTERM; without effect if it isn't uvicorn's.
    """
    server = getattr(exit_handler, "__self__", None)
    if isinstance(server, Server):
        for each in server.servers:
            each.close()


class BoundedHttpProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol with limits against slow and endless requests (Slowloris).

    Needs the class itself, its callbacks for httptools and ``on_response_complete``. uvicorn has a timeout for idle
    connections only, and ASGI middleware runs when the head is complete (https://github.com/Kludex/uvicorn/issues/157).
    Without it, a client that sends a byte now and then holds its connection for ever.

    Args:
        timeout: Seconds for a request's first line and headers, and for the rest of its body after the response.
    """

    def __init__(self, *args: Any, timeout: float, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._timeout = timeout
        self._is_request_complete = False
        self._size = 0  # bytes received since the head, or a piece of a body
        self._timer: TimerHandle | None = None  # for the head, or for a body after the response

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override] - as in uvicorn's own
        super().connection_made(transport)
        self._size = 0
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        if isinstance(exc, TimeoutError):
            _log_aborted("a reader has taken nothing for too long", "READER_TIMEOUT")
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._size += len(data)
        super().data_received(data)
        if self._size > _MAX_HEAD:
            self._abort()
        is_idle = self.cycle is not None and self.cycle.response_complete
        if is_idle and not self._timer and not self.timeout_keep_alive_task and self in self.connections:
            # uvicorn's own time-out for idle connections ends with any data, also with blank lines.
            self._start_timer(self.timeout_keep_alive)

    def on_body(self, body: bytes) -> None:
        self._size = 0
        super().on_body(body)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if not self._timer:
            self._size = 0
            self._start_timer()

    def on_headers_complete(self) -> None:
        self._stop_timer()
        self._size = 0
        self._is_request_complete = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._stop_timer()
        self._is_request_complete = True
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        # Nothing reads the rest of the body, and uvicorn would receive it for as long as it comes.
        if not self._is_request_complete and not self.transport.is_closing():
            self._start_timer()

    def _start_timer(self, timeout: float | None = None) -> None:
        self._stop_timer()
        self._timer = self.loop.call_later(timeout or self._timeout, self._abort)

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _abort(self) -> None:
        _log_aborted("a request's head, or its body after the response, takes too long or is too much", "BODY_TIMEOUT")
        self.transport.abort()


def _log_aborted(reason: str, variable: str) -> None:
    logger.info(reason, extra={"fields": {"variable": variable}, "often": True})


class _Deflate(PerMessageDeflate):
    def frame_outbound(
        self, proto: FrameDecoder | FrameProtocol, opcode: Opcode, rsv: RsvBits, data: bytes, fin: bool
    ) -> tuple[RsvBits, bytes]:
        if self._compressor is None:
            self._compressor = zlib.compressobj(wbits=-self.server_max_window_bits, memLevel=_MEMORY_LEVEL)
        return super().frame_outbound(proto, opcode, rsv, data, fin)


class _Connection(WSConnection):
    def send(self, event: Event) -> bytes:
        if isinstance(event, AcceptConnection) and event.extensions:
            event = replace(event, extensions=[_Deflate()])
        return super().send(event)


class WebSocket(WSProtocol):
    """uvicorn's websocket over wsproto, whose compression takes less memory for each page that is open.

    Needs ``WSProtocol.conn``, and wsproto's ``PerMessageDeflate.frame_outbound`` with ``_compressor``; neither package
    has a setting for zlib's memory. Without it, an open page takes half as much memory again.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conn = _Connection(ConnectionType.SERVER)
