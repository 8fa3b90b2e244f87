"""Reading a request's body within bounds: however it is sent, it costs no more memory and time than it may."""

import asyncio
from collections.abc import AsyncGenerator

from starlette.requests import ClientDisconnect, Request

from chat_app.api.schemas import InvalidField


class _BoundedRequest(Request):
    """What reads the body, here or in FastAPI, does so through ``stream``."""

    max_bytes: int

    async def stream(self) -> AsyncGenerator[bytes, None]:
        size = 0
        async for piece in super().stream():
            size += len(piece)
            if size > self.max_bytes:
                raise InvalidField("body", "too_large", status=413, max=self.max_bytes)
            yield piece


async def with_json_body(request: Request, *, max_bytes: int, seconds: float) -> Request:
    """The same request, its body received; FastAPI finds it there.

    Raises:
        InvalidField: The body is not sent as JSON (415), is larger than ``max_bytes`` (413), takes longer than
            ``seconds`` (408) or breaks off (400).
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise InvalidField("body", "not_json", status=415)
    bounded = _BoundedRequest(request.scope, request.receive)
    bounded.max_bytes = max_bytes
    try:
        async with asyncio.timeout(seconds):
            await bounded.body()
    except TimeoutError:
        raise InvalidField("body", "too_slow", status=408, max=f"{seconds:g}") from None
    except ClientDisconnect:
        raise InvalidField("body", "breaks_off", status=400) from None
    return bounded
