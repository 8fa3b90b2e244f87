"""The HTTP server's side of a page's websocket, with less memory for each page that is open."""

import logging
import zlib
from asyncio import TimerHandle, Transport
from dataclasses import replace
from functools import partial
from typing import Any

from uvicorn.protocols.websockets.wsproto_impl import WSProtocol
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, BytesMessage, Event, TextMessage
from wsproto.extensions import PerMessageDeflate
from wsproto.frame_protocol import FrameDecoder, FrameProtocol, Opcode, RsvBits

from chat_app.config import Settings

logger = logging.getLogger(__name__)

# How much zlib remembers beside the 32 kB it looks back in (https://www.zlib.net/manual.html#Advanced). With its own
# choice, 8, a page costs 70 kB more and gets no fewer bytes.
_MEMORY_LEVEL = 5

# The packet types of Engine.IO's message and Socket.IO's CONNECT: https://socket.io/docs/v4/socket-io-protocol/
_CONNECT = "40"


class Deflate(PerMessageDeflate):
    """The compression of RFC 7692."""

    def frame_outbound(
        self, proto: FrameDecoder | FrameProtocol, opcode: Opcode, rsv: RsvBits, data: bytes, fin: bool
    ) -> tuple[RsvBits, bytes]:
        if self._compressor is None:
            self._compressor = zlib.compressobj(wbits=-self.server_max_window_bits, memLevel=_MEMORY_LEVEL)
        return super().frame_outbound(proto, opcode, rsv, data, fin)


class _Connection(WSConnection):
    def send(self, event: Event) -> bytes:
        if isinstance(event, AcceptConnection) and event.extensions:
            event = replace(event, extensions=[Deflate()])
        return super().send(event)


class WebSocket(WSProtocol):
    """One page's websocket.

    Args:
        hello_timeout: Seconds until the page has to say hello, with Socket.IO's CONNECT; nothing else limits that.
    """

    def __init__(self, *args: Any, hello_timeout: float, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conn = _Connection(ConnectionType.SERVER)
        self._hello_timeout = hello_timeout
        self._until_hello: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override] - as in uvicorn's own
        super().connection_made(transport)
        self._until_hello = self.loop.call_later(self._hello_timeout, self._break_off)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_expecting_hello()
        super().connection_lost(exc)

    def handle_message(self, event: TextMessage | BytesMessage) -> None:
        if isinstance(event, TextMessage) and event.data.startswith(_CONNECT):
            self._stop_expecting_hello()
        super().handle_message(event)

    def _stop_expecting_hello(self) -> None:
        if self._until_hello:
            self._until_hello.cancel()
            self._until_hello = None

    def _break_off(self) -> None:
        logger.info("a websocket hasn't said hello within %s seconds", self._hello_timeout)
        self.transport.abort()


def websockets(settings: Settings) -> Any:
    """The factory of websockets for uvicorn, whose type for it is a class, but all it does is call it."""
    return partial(WebSocket, hello_timeout=settings.body_timeout)
