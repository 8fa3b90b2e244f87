"""Reading of request bodies, bounded in memory and time."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from tempfile import TemporaryFile
from typing import BinaryIO

from starlette.requests import ClientDisconnect, Request

from chat_app.api.http.uploads import Uploads
from chat_app.api.stream.schemas import InvalidField
from chat_app.models.errors import ChatError, InvalidArchive

# An archive gets the time of one ordinary body for each of these.
_TIMED_BYTES = 2**23
_WRITE_BYTES = 2**18  # gathered for one write to the temporary file
_CONTINUATION_BYTES = bytes(range(0x80, 0xC0))  # of UTF-8: all but the first byte of a character


class _BoundedRequest(Request):
    """A request with a bounded body. Everything that reads the body, FastAPI too, goes through ``stream``."""

    max_bytes: int

    async def stream(self) -> AsyncGenerator[bytes, None]:
        size = 0
        async for piece in super().stream():
            size += len(piece)
            if size > self.max_bytes:
                raise _too_large(self.max_bytes)
            yield piece


async def with_json_body(request: Request, *, max_bytes: int, seconds: float, uploads: Uploads) -> Request:
    """Receive the body; returns the request that has it, for FastAPI to parse.

    Raises:
        InvalidField: The body is not sent as JSON (415), is larger than ``max_bytes`` (413), takes longer than
            ``seconds`` (408) or breaks off (400).
        UploadsFull: There is no room for it now.
    """
    bounded = _BoundedRequest(request.scope, request.receive)
    bounded.max_bytes = max_bytes
    async with _receiving(request, max_bytes, uploads, _too_large(max_bytes)), _in_time(seconds):
        await bounded.body()
    return bounded


@asynccontextmanager
async def spooled_archive(
    request: Request, *, max_bytes: int, max_chars: int, seconds: float, uploads: Uploads
) -> AsyncIterator[BinaryIO]:
    """Receive the body into a temporary file, so that it takes disk space in place of memory.

    Args:
        seconds: The time that each eight megabytes may take.

    Raises:
        InvalidArchive: It is too long.
        InvalidField, UploadsFull: As ``with_json_body``.
    """
    async with _receiving(request, max_bytes, uploads, InvalidArchive("too_long", max=max_chars)) as size:
        with TemporaryFile() as file:
            async with _in_time(seconds * max(1.0, size / _TIMED_BYTES)):
                await _spool(request, file, max_bytes, max_chars)
            yield file


@asynccontextmanager
async def _receiving(request: Request, max_bytes: int, uploads: Uploads, too_large: ChatError) -> AsyncIterator[int]:
    """Reserve room for a JSON body; yields its size, which is ``max_bytes`` where the request doesn't tell it."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise InvalidField("body", "not_json", status=415)
    size = int(request.headers.get("content-length", max_bytes))
    if size > max_bytes:
        raise too_large
    async with uploads.room(size):
        yield size


@asynccontextmanager
async def _in_time(seconds: float) -> AsyncIterator[None]:
    """Refuse a body that takes longer than this, or breaks off."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise InvalidField("body", "too_slow", status=408, max=f"{seconds:g}") from None
    except ClientDisconnect:
        raise InvalidField("body", "breaks_off", status=400) from None


async def _spool(request: Request, file: BinaryIO, max_bytes: int, max_chars: int) -> None:
    """Copy the body to ``file``, counting its characters: their bounds differ from those of bytes."""
    gathered, size, chars = bytearray(), 0, 0
    async for piece in request.stream():
        size += len(piece)
        chars += len(piece.translate(None, _CONTINUATION_BYTES))
        if size > max_bytes or chars > max_chars:
            raise InvalidArchive("too_long", max=max_chars)
        gathered += piece
        if len(gathered) >= _WRITE_BYTES:
            await asyncio.to_thread(file.write, gathered)
            gathered = bytearray()
    await asyncio.to_thread(file.write, gathered)


def _too_large(max_bytes: int) -> InvalidField:
    return InvalidField("body", "too_large", status=413, max=max_bytes)
