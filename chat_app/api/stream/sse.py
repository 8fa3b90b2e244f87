"""Server-sent events of ``/stream``: log entries encoded as frames, and event ids decoded to cursors.

    id: <answer>:<part>.<characters>
    data: {"chunk": "Hel"}

Every frame has data and no event name: strict clients, such as OpenAI's SDK, decode the data of every block that a
blank line ends. https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import json
import logging
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from sse_starlette import EventSourceResponse

from chat_app.compat.sse_starlette import CommentPing, EventStream
from chat_app.models import codec
from chat_app.models.errors import ChatError, Interrupted, NotFound, StorageUnavailable, is_retryable
from chat_app.models.events import (
    END,
    FAILED,
    WHOLE,
    AnswerEvent,
    Cursor,
    Done,
    Entry,
    Failure,
    PartEnded,
    PartGrew,
    PartStarted,
)
from chat_app.models.message import ID_PATTERN, Outcome, Status
from chat_app.models.parts import Reasoning, Text
from chat_app.texts import Catalogue

logger = logging.getLogger(__name__)

# Caches and proxies must neither keep nor compress a stream, and nginx must not buffer it.
HEADERS = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}
PING_INTERVAL = 15  # seconds

Batches = AsyncGenerator[list[Entry], None]

# Frames per write: a long answer that is replayed must not be in memory whole for every reader.
_FRAMES_AT_ONCE = 200

# Frames of a model's pieces are cached, for all readers of an answer. Longer texts are replays from storage, different
# for each reader: they would only fill the cache.
_SHARED_CHARS = 500

# JSON allows these in strings, but clients that use ``str.splitlines`` would split there.
_LINE_ENDS = str.maketrans({char: f"\\u{ord(char):04x}" for char in "\x85\u2028\u2029"})

_to_json = json.JSONEncoder(ensure_ascii=False).encode

_EVENT_ID = re.compile(rf"({ID_PATTERN}):(?:(end|failed)|([0-9]{{1,9}})\.([0-9]{{1,9}}|end)|([0-9]{{1,16}}))")
_ENDS = {"end": END, "failed": FAILED}
_END_NAMES = {cursor: name for name, cursor in _ENDS.items()}
# Numbers in event ids of versions without message parts: characters of text times ``_TEXT_STEP``, plus characters of
# reasoning; or one of the other two.
_TEXT_STEP, _OLD_FAILED, _OLD_END = 2**20, 2**53 - 2, 2**53 - 1
_FINISH_REASONS = {Status.STOPPED: "stopped", Status.FAILED: "error", Status.INTERRUPTED: "interrupted"}


def event_stream(
    answer_id: str, batches: Batches, texts: Catalogue, *, with_reasoning: bool = False, with_parts: bool = False
) -> EventSourceResponse:
    """A response that streams an answer's log entries, and closes ``batches`` when the client disconnects.

    Args:
        with_reasoning: Send reasoning too.
        with_parts: Send parts other than text and reasoning too.
    """
    return sse_response(_encode(batches, _Encoder(answer_id, texts, with_reasoning, with_parts)))


def sse_response(frames: AsyncGenerator[bytes, None]) -> EventSourceResponse:
    """A response that streams encoded frames, with keep-alive comments."""
    return EventStream(frames, headers=HEADERS, ping=PING_INTERVAL, ping_message_factory=CommentPing)


def frame(data: dict[str, Any], event_id: str = "") -> bytes:
    """Encode a server-sent event."""
    return _event(_to_json(data), event_id)


def done_payload(answer_id: str, done: Done) -> dict[str, Any]:
    """The data of the last frame."""
    outcome = done.outcome
    return {
        "done": True,
        "id": answer_id,
        "status": outcome.status.value,
        "finish_reason": _FINISH_REASONS.get(outcome.status) or outcome.finish or "stop",
        "model": outcome.model,
        "usage": asdict(outcome.usage) if outcome.usage else None,
        **({} if done.stored else {"stored": False}),
    }


def error_payload(failure: Failure, texts: Catalogue) -> dict[str, Any]:
    """The error object of an error frame or an error response."""
    sentence = texts.errors.get(failure.code, texts.errors[ChatError.code])
    message = f"{sentence} ({failure.param})" if failure.param else sentence
    known_delay = {} if failure.retry_after is None else {"retry_after": failure.retry_after}
    return {"code": failure.code, "message": message, "retryable": failure.retryable, **known_delay}


class Lengths(NamedTuple):
    """The position in an event id of a version without message parts, in characters."""

    text: int
    reasoning: int


def parse_event_id(event_id: str) -> tuple[str, Cursor | Lengths]:
    """Decode an event id to the answer's id and the position in its log.

    Raises:
        NotFound: This server doesn't send such ids.
    """
    found = _EVENT_ID.fullmatch(event_id)
    if found is None:
        raise NotFound("not the id of a frame")
    answer_id, end, part, offset, position = found.groups()
    if end:
        return answer_id, _ENDS[end]
    if part:
        return answer_id, Cursor(int(part), WHOLE if offset == "end" else int(offset))
    if int(position) >= _OLD_FAILED:
        return answer_id, FAILED if int(position) == _OLD_FAILED else END
    return answer_id, Lengths(*divmod(int(position), _TEXT_STEP))


def event_id(answer_id: str, cursor: Cursor) -> str:
    """Encode the id of the frame that ends at ``cursor``."""
    if name := _END_NAMES.get(cursor):
        return f"{answer_id}:{name}"
    return f"{answer_id}:{cursor.part}.{cursor.offset if cursor.offset < WHOLE else 'end'}"


@dataclass(frozen=True, slots=True)
class _Encoder:
    """Encodes log entries as frames."""

    answer_id: str
    texts: Catalogue
    with_reasoning: bool
    with_parts: bool

    def frames(self, entries: Sequence[Entry]) -> bytes:
        """Encode entries, except for those that the client hasn't asked for."""
        return b"".join([self._frame(cursor, event) for cursor, event in entries])

    def failure(self, code: str = ChatError.code) -> bytes:
        """The last frames of a stream that broke. Without ids, so that a client resumes after what it has received."""
        failed = self._payload(Failure(code, is_retryable(code)))
        return b"".join(frame(data) for data in (failed, self._payload(Done(Outcome(Status.FAILED)))) if data)

    def _frame(self, cursor: Cursor, event: AnswerEvent) -> bytes:
        if isinstance(event, PartGrew) and isinstance(event.piece, Text):  # fast path: nearly all frames
            return self._chunk(event.piece.text, cursor)
        if isinstance(event, PartStarted) and isinstance(event.part, Text):
            return self._chunk(event.part.text, cursor) if event.part.text else b""
        data = self._payload(event)
        return frame(data, event_id(self.answer_id, cursor)) if data else b""

    def _chunk(self, text: str, cursor: Cursor) -> bytes:
        make = _shared_chunk_frame if len(text) <= _SHARED_CHARS else _chunk_frame
        return make(text, f"{self.answer_id}:{cursor.part}.{cursor.offset}")

    def _payload(self, event: AnswerEvent) -> dict[str, Any] | None:
        match event:
            case PartGrew(piece=Reasoning(text)) | PartStarted(part=Reasoning(text)):
                return {"reasoning": text} if self.with_reasoning and text else None
            case PartEnded(part=part) if self.with_parts and not isinstance(part, Text | Reasoning):
                return {"part": codec.to_json(part)}
            case Failure():
                return {"error": error_payload(event, self.texts)}
            case Done():
                return done_payload(self.answer_id, event)
        return None


async def _encode(batches: Batches, encoder: _Encoder) -> AsyncGenerator[bytes, None]:
    """Encode batches as they come, ``_FRAMES_AT_ONCE`` at most; always ends with ``done``."""
    async with aclosing(batches):
        try:
            async for batch in batches:
                for start in range(0, len(batch), _FRAMES_AT_ONCE):
                    if frames := encoder.frames(batch[start : start + _FRAMES_AT_ONCE]):
                        yield frames
        except StorageUnavailable as error:  # the outage itself is logged once
            logger.warning("answer %s could not be followed: %s", encoder.answer_id, error)
            yield encoder.failure(error.code)
        except NotFound:  # its log was lost during the read, and it isn't stored
            logger.warning("answer %s could not be followed to its end: it is gone", encoder.answer_id)
            yield encoder.failure(Interrupted.code)
        except Exception:
            logger.exception("answer %s could not be followed", encoder.answer_id)
            yield encoder.failure()


def _chunk_frame(text: str, event_id: str) -> bytes:
    return _event(f'{{"chunk": {_to_json(text)}}}', event_id)


_shared_chunk_frame = lru_cache(maxsize=1000)(_chunk_frame)


def _event(data: str, event_id: str) -> bytes:
    id_line = f"id: {event_id}\n" if event_id else ""
    one_line = data if data.isascii() else data.translate(_LINE_ENDS)
    return f"{id_line}data: {one_line}\n\n".encode()
