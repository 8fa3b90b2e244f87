"""The HTTP server's side of a page's websocket, with less memory for each page that is open."""

import zlib
from dataclasses import replace
from typing import Any

from uvicorn.protocols.websockets.wsproto_impl import WSProtocol
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, Event
from wsproto.extensions import PerMessageDeflate
from wsproto.frame_protocol import FrameDecoder, FrameProtocol, Opcode, RsvBits

# How much zlib remembers beside the 32 kB it looks back in (https://www.zlib.net/manual.html#Advanced). With its own
# choice, 8, a page costs 70 kB more and gets no fewer bytes.
_MEMORY_LEVEL = 5


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
    """One page's websocket."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conn = _Connection(ConnectionType.SERVER)
