"""A timeout for the beginning of a page's websocket."""

import asyncio
import logging

from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)

# The packet types of Engine.IO's message and Socket.IO's CONNECT: https://socket.io/docs/v4/socket-io-protocol/
_CONNECT = "40"
_POLICY_VIOLATION = 1008  # RFC 6455, 7.4.1


class ConnectTimeout:
    """ASGI middleware that closes websockets on which no Socket.IO CONNECT has come in time.

    As ``connectTimeout`` of Socket.IO for Node. Pings and pongs, which need no CONNECT, would keep them open for ever.

    Args:
        timeout: Seconds.
    """

    def __init__(self, app: ASGIApp, timeout: float) -> None:
        self._app = app
        self._timeout = timeout

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        deadline = asyncio.get_running_loop().time() + self._timeout
        is_connected = False

        async def receive_in_time() -> Message:
            nonlocal is_connected
            try:
                async with asyncio.timeout_at(None if is_connected else deadline):
                    message = await receive()
            except TimeoutError:
                logger.info("a websocket has sent no CONNECT within %s seconds", self._timeout)
                await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
                return {"type": "websocket.disconnect", "code": _POLICY_VIOLATION}
            is_connected = is_connected or (message.get("text") or "").startswith(_CONNECT)
            return message

        await self._app(scope, receive_in_time, send)
