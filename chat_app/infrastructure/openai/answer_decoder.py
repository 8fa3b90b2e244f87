"""The response of a model server: its bytes, and the pieces of the answer in them."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import aclosing, suppress
from dataclasses import dataclass, field

import httpx2

from chat_app.infrastructure.openai.dialect import Piece, Reader
from chat_app.infrastructure.openai.sse import EventDecoder, ServerSentEvent
from chat_app.models.errors import Truncated, UpstreamFailed
from chat_app.models.parts import Source, Text
from chat_app.models.reasoning_tags import ReasoningSplitter

# Read at most after the end mark: reading up to the response's end frees the connection for the next request.
_ENDING_SECONDS, _ENDING_BYTES = 1.0, 64 * 1024
_MAX_IDLE_BYTES = 4 * 1024 * 1024  # in a row, without a piece of the answer


@dataclass(slots=True)
class AnswerDecoder:
    """Decoder of one response's bytes to the pieces of its answer.

    Attributes:
        idle_bytes: Bytes that were received since the last piece.
    """

    splitter: ReasoningSplitter
    reader: Reader
    decoder: EventDecoder = field(default_factory=EventDecoder)
    idle_bytes: int = 0
    _is_empty: bool = True

    def read(self, received: bytes) -> Iterator[Piece]:
        """Yield the pieces that ``received`` completes.

        Raises:
            ModelError: They report an error, or too many bytes come without a piece.
        """
        self.idle_bytes += len(received)
        yield from self._pieces(self.decoder.feed(received))
        if self.idle_bytes > _MAX_IDLE_BYTES:
            raise UpstreamFailed(f"{self.idle_bytes} bytes without text")

    def rest(self) -> Iterator[Piece]:
        """The pieces that the end of the response completes."""
        return self._pieces(self.decoder.end())

    def held_back(self, *, is_whole: bool) -> Iterator[Piece | Source]:
        """The pieces that were held back since they might have become tags, and the sources of the whole answer.

        Args:
            is_whole: Whether the model has completed the answer.
        """
        yield from self._noted(self.splitter.end(is_whole=is_whole))
        # Not before: a part of another kind would cut the text in two.
        yield from self.reader.sources

    def ensure_not_empty(self) -> None:
        """Check that the answer has text or reasoning besides the reasoning tags.

        Raises:
            UpstreamFailed: It has none.
        """
        if self._is_empty:
            raise UpstreamFailed("empty answer, apart from reasoning tags")

    def _pieces(self, events: Iterable[ServerSentEvent]) -> Iterator[Piece]:
        for event in events:
            for piece in self.reader.read(event):
                if isinstance(piece, Text):
                    yield from self._noted(self.splitter.feed(piece.text))
                else:
                    self.splitter.expect_none()  # the server separates reasoning itself
                    yield from self._noted([piece])

    def _noted(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        for piece in pieces:
            self.idle_bytes, self._is_empty = 0, False
            yield piece


async def body_of(response: httpx2.Response, reader: Reader, finished_silence: float) -> AsyncGenerator[bytes, None]:
    """Yield the bytes of the response up to the end mark or the end of the response.

    A finish reason is no end: some servers send one in every chunk.

    Raises:
        Truncated: The connection was lost before the model had finished.
        UpstreamFailed: The body can't be decompressed.
    """
    async with aclosing(response.aiter_bytes()) as pieces:
        try:
            while not reader.is_done:
                async with asyncio.timeout(finished_silence if reader.has_reason else None):
                    piece = await anext(pieces, b"")
                if not piece:
                    return
                yield piece
        except httpx2.DecodingError as error:
            raise UpstreamFailed(f"unreadable: {error}") from None
        except httpx2.RequestError as lost:
            if not reader.has_reason:
                raise Truncated(f"connection lost: {lost!r}") from None
            return
        except TimeoutError:
            return
        with suppress(TimeoutError, httpx2.RequestError):
            async with asyncio.timeout(_ENDING_SECONDS):
                room = _ENDING_BYTES
                while room > 0 and (piece := await anext(pieces, b"")):
                    room -= len(piece)
