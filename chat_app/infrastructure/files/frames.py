"""Messages between the server and a worker: a line of JSON, then bytes whose lengths it has.

A file that takes over its worker can send anything, so nothing here runs code, as unpickling would, and all that a
worker sends is checked. The standard library alone, since a worker starts for each file.
"""

import json
from dataclasses import asdict, dataclass
from typing import IO, Any

from chat_app.infrastructure.files.bounds import Bounds
from chat_app.models.errors import FileRefused
from chat_app.models.file_content import Page, Picture

MAX_HEADER = 1_000_000  # bytes
_MAX_SIDE = 100_000
_PROBLEMS = (
    "empty",
    "unsupported",
    "old_office",
    "damaged",
    "encrypted",
    "unpacks_too_large",
    "too_complex",
)
_PROBLEMS_WITH_BOUND = ("picture_too_large", "too_many_pages", "too_much_text")
_PICTURE_TYPES = ("image/jpeg", "image/png")
_MAX_TYPE = 100  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a worker has to do with a file.

    Attributes:
        name: The file's name on the client.
        pictures: The number of pages to render; ``None`` to read the file.
    """

    bounds: Bounds
    name: str = ""
    pictures: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a worker has found in a file."""

    media_type: str = ""
    pages: tuple[Page, ...] = ()
    pictures: tuple[Picture, ...] = ()


def write_request(stream: IO[bytes], request: Request, content: bytes) -> None:
    """Send a request with the file, which ends with the stream."""
    _write(stream, asdict(request), [content])
    stream.close()


def read_request(stream: IO[bytes]) -> tuple[Request, bytes]:
    """Receive a request and the file."""
    header = json.loads(stream.readline())
    bounds = Bounds(**header.pop("bounds"))
    return Request(bounds=bounds, **header), stream.read()


def write_result(stream: IO[bytes], result: Result) -> None:
    """Send a result."""
    texts = [page.text.encode() for page in result.pages]
    pages = [[page.number, page.title, len(text)] for page, text in zip(result.pages, texts, strict=True)]
    pictures = [[each.media_type, each.width, each.height, len(each.content)] for each in result.pictures]
    header = {"media_type": result.media_type, "pages": pages, "pictures": pictures}
    _write(stream, header, [*texts, *(each.content for each in result.pictures)])


def write_refusal(stream: IO[bytes], refused: FileRefused) -> None:
    """Send an error, in place of a result."""
    _write(stream, {"problem": refused.problem, **refused.values}, [])


def read_result(stream: IO[bytes], max_bytes: int) -> Result:
    """Receive a result.

    Raises:
        FileRefused: The worker has sent an error.
        ValueError: The worker has sent something else, too much, or not all.
    """
    header: Any = json.loads(stream.readline(MAX_HEADER))
    match header:
        case {"problem": str(problem)} if problem in _PROBLEMS:
            raise FileRefused(problem)
        case {"problem": str(problem), "max": int(bound)} if problem in _PROBLEMS_WITH_BOUND:
            raise FileRefused(problem, max=bound)
        case {"media_type": str(media_type), "pages": list(pages), "pictures": list(pictures)}:
            budget = _Blobs(stream, max_bytes)
            return Result(
                media_type=media_type[:_MAX_TYPE],
                pages=tuple(_page(each, budget) for each in pages),
                pictures=tuple(_picture(each, budget) for each in pictures),
            )
        case _:
            raise ValueError("a worker's result has another form")


class _Blobs:
    """The bytes after the header, at most ``left``."""

    def __init__(self, stream: IO[bytes], left: int) -> None:
        self._stream = stream
        self._left = left

    def take(self, size: int) -> bytes:
        if not 0 <= size <= self._left:
            raise ValueError("a worker's result is too large")
        self._left -= size
        blob = self._stream.read(size)
        if len(blob) != size:
            raise ValueError("a worker's result breaks off")
        return blob


def _page(header: object, blobs: _Blobs) -> Page:
    match header:
        case [int(number), str(title), int(size)]:
            return Page(number, blobs.take(size).decode(), title)
        case _:
            raise ValueError("a worker's page has another form")


def _picture(header: object, blobs: _Blobs) -> Picture:
    match header:
        case [str(media_type), int(width), int(height), int(size)] if (
            media_type in _PICTURE_TYPES and 0 < width <= _MAX_SIDE and 0 < height <= _MAX_SIDE
        ):
            return Picture(blobs.take(size), media_type, width, height)
        case _:
            raise ValueError("a worker's picture has another form")


def _write(stream: IO[bytes], header: dict[str, Any], blobs: list[bytes]) -> None:
    stream.write(json.dumps(header).encode() + b"\n")
    for blob in blobs:
        stream.write(blob)
    stream.flush()
