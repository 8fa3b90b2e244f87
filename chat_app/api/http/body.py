"""Request bodies, received with limits of size, memory and time."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from tempfile import TemporaryFile
from typing import BinaryIO

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from chat_app.api.http.errors import InvalidField
from chat_app.api.http.upload_budget import UploadBudget
from chat_app.models.errors import ChatError, InvalidArchive

_JSON, _FORM = "application/json", "multipart/form-data"
_TIMED_BYTES = 2**23  # of an archive or a file, for each of which it gets the time of one ordinary body
_WRITE_BYTES = 2**18  # gathered for one write to the temporary file
_CONTINUATION_BYTES = bytes(range(0x80, 0xC0))  # of UTF-8: all but the first byte of a character


class _BoundedRequest(Request):
    """A request that raises once its body is larger than ``max_bytes``.

    ``stream`` is the one way to the body, for FastAPI too.
    """

    max_bytes: int

    async def stream(self) -> AsyncGenerator[bytes, None]:
        size = 0
        async for piece in super().stream():
            size += len(piece)
            if size > self.max_bytes:
                raise _too_large(self.max_bytes)
            yield piece


async def with_json_body(request: Request, *, max_bytes: int, seconds: float, budget: UploadBudget) -> Request:
    """Receive a JSON body; returns the request with it, for FastAPI to parse.

    Raises:
        InvalidField: The body is not sent as JSON (415), is larger than ``max_bytes`` (413), takes longer than
            ``seconds`` (408) or breaks off (400).
        UploadsFull: The memory budget is spent.
    """
    bounded = _BoundedRequest(request.scope, request.receive)
    bounded.max_bytes = max_bytes
    async with _reserved(request, max_bytes, budget, _too_large(max_bytes)), _time_limit(seconds):
        await bounded.body()
    return bounded


async def with_form(request: Request, *, max_bytes: int, seconds: float, budget: UploadBudget) -> Request:
    """Receive a form with one file; returns the request with it, for FastAPI to parse.

    Raises:
        InvalidField: As ``with_json_body``, or the body isn't a form.
        UploadsFull: The memory budget is spent.
    """
    bounded = _BoundedRequest(request.scope, request.receive)
    bounded.max_bytes = max_bytes
    async with (
        _reserved(request, max_bytes, budget, _too_large(max_bytes), _FORM) as size,
        _time_limit(seconds * max(1.0, size / _TIMED_BYTES)),
    ):
        try:
            await bounded.form(max_files=1, max_fields=10)
        except HTTPException as error:  # Starlette's parser
            raise InvalidField("body", "no_form", status=error.status_code) from None
    return bounded


@asynccontextmanager
async def spooled_archive(
    request: Request, *, max_bytes: int, max_chars: int, seconds: float, budget: UploadBudget
) -> AsyncIterator[BinaryIO]:
    """Receive an archive into a temporary file: on disk, since it may be too large for memory.

    Args:
        seconds: Time limit for each 8 MiB.

    Raises:
        InvalidArchive: The archive exceeds the limit of bytes or of characters.
        InvalidField, UploadsFull: As ``with_json_body``.
    """
    async with _reserved(request, max_bytes, budget, InvalidArchive("too_long", max=max_chars)) as size:
        with TemporaryFile() as file:
            async with _time_limit(seconds * max(1.0, size / _TIMED_BYTES)):
                await _spool(request, file, max_bytes, max_chars)
            yield file


@asynccontextmanager
async def _reserved(
    request: Request, max_bytes: int, budget: UploadBudget, too_large: ChatError, media_type: str = _JSON
) -> AsyncIterator[int]:
    """Check the headers of a body and reserve memory for it; yields its size, at most ``max_bytes``."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != media_type:
        raise InvalidField("body", "not_json" if media_type == _JSON else "no_form", status=415)
    size = int(request.headers.get("content-length", max_bytes))
    if size > max_bytes:
        raise too_large
    async with budget.reserve(size):
        yield size


@asynccontextmanager
async def _time_limit(seconds: float) -> AsyncIterator[None]:
    """Turn a timeout or a lost connection into an ``InvalidField``."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise InvalidField("body", "too_slow", status=408, max=f"{seconds:g}") from None
    except ClientDisconnect:
        raise InvalidField("body", "breaks_off", status=400) from None


async def _spool(request: Request, file: BinaryIO, max_bytes: int, max_chars: int) -> None:
    """Copy the body to ``file`` within the limits of bytes and of characters, counted as UTF-8."""
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
