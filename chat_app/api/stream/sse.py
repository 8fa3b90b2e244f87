"""An answer's entries as server-sent events, the way ``/stream`` sends them.

    id: <answer>:<part>.<characters>
    data: {"chunk": "Hel"}

Every frame is unnamed and has data: strict readers, such as the OpenAI SDK's, decode the data of whatever a blank
line ends. https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import json
import logging
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.types import Message, Send

from chat_app.models import codec
from chat_app.models.errors import ChatError, NotFound
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

# A cache or proxy must neither keep nor compress a stream; nginx would also collect it before passing it on.
HEADERS = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}
PING_INTERVAL = 15  # seconds

Batches = AsyncGenerator[list[Entry], None]

# How many frames go out at a time, at most: a long answer read again must not lie in memory whole for every reader.
_FRAMES_AT_ONCE = 200

# A model's own pieces are put together once for all readers of an answer. Longer ones are read again from storage, each
# reader from wherever it was: kept, they would fill the memory.
_SHARED_CHARS = 500

# JSON allows these in strings, but readers that split lines with ``str.splitlines`` would cut there.
_LINE_ENDS = str.maketrans({char: f"\\u{ord(char):04x}" for char in "\x85\u2028\u2029"})

_to_json = json.JSONEncoder(ensure_ascii=False).encode

_EVENT_ID = re.compile(rf"({ID_PATTERN}):(?:(end|failed)|([0-9]{{1,9}})\.([0-9]{{1,9}}|end)|([0-9]{{1,16}}))")
_ENDS = {"end": END, "failed": FAILED}
_END_NAMES = {cursor: name for name, cursor in _ENDS.items()}
# Positions before answers had parts: characters of text times this, plus those of reasoning; these two at the end.
_TEXT_STEP, _OLD_FAILED, _OLD_END = 2**20, 2**53 - 2, 2**53 - 1
_FINISH_REASONS = {Status.STOPPED: "stopped", Status.FAILED: "error", Status.INTERRUPTED: "interrupted"}


class _Ping(ServerSentEvent):
    """A comment line without a blank line after it, so that it is part of the next frame and never one of its own."""

    def encode(self) -> bytes:
        return b": ping\n"


class _Response(EventSourceResponse):
    async def _send_with_timeout(self, send: Send, message: Message) -> None:
        # The connection itself gives up readers that take nothing. A time-out here would take longer than all that is
        # done to a frame beside it.
        await send(message)


def event_stream(
    answer_id: str, batches: Batches, texts: Catalogue, *, with_reasoning: bool = False, with_parts: bool = False
) -> EventSourceResponse:
    """A response that sends the entries as they come, and closes ``batches`` when its reader goes away.

    Args:
        with_reasoning: Whether to send reasoning too.
        with_parts: Whether to send parts that are neither text nor reasoning.
    """
    return respond(_encode(batches, _Encoder(answer_id, texts, with_reasoning, with_parts)))


def respond(frames: AsyncGenerator[bytes, None]) -> EventSourceResponse:
    """A response that sends these frames as they come."""
    return _Response(frames, headers=HEADERS, ping=PING_INTERVAL, ping_message_factory=_Ping)


def frame(data: dict[str, Any], event_id: str = "") -> bytes:
    """One server-sent event."""
    return _event(_to_json(data), event_id)


def done_payload(answer_id: str, done: Done) -> dict[str, Any]:
    """What the last frame says."""
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


def error(failure: Failure, texts: Catalogue) -> dict[str, Any]:
    """An error as clients see it, in a stream or as a response's body."""
    sentence = texts.errors.get(failure.code, texts.errors[ChatError.code])
    message = f"{sentence} ({failure.param})" if failure.param else sentence
    known_delay = {} if failure.retry_after is None else {"retry_after": failure.retry_after}
    return {"code": failure.code, "message": message, "retryable": failure.retryable, **known_delay}


class Lengths(NamedTuple):
    """How much of an answer a reader has who began before answers had parts: characters of text and of reasoning."""

    text: int
    reasoning: int


def parse_event_id(event_id: str) -> tuple[str, Cursor | Lengths]:
    """The answer that a frame's id names, and the place in it.

    Raises:
        NotFound: It is none of ours.
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
    """The id of the frame after which a reader is at ``cursor``."""
    if name := _END_NAMES.get(cursor):
        return f"{answer_id}:{name}"
    return f"{answer_id}:{cursor.part}.{cursor.offset if cursor.offset < WHOLE else 'end'}"


@dataclass(frozen=True, slots=True)
class _Encoder:
    """From the entries of an answer to frames."""

    answer_id: str
    texts: Catalogue
    with_reasoning: bool
    with_parts: bool

    def frames(self, entries: Sequence[Entry]) -> bytes:
        """The frames of these entries; empty for those that this reader doesn't want."""
        return b"".join(self._frame(*entry) for entry in entries)

    def failure(self) -> bytes:
        """The end of a stream that broke. Without ids: a reader that comes back continues where it was."""
        failed = self._data(Failure(ChatError.code, ChatError.retryable))
        return b"".join(frame(data) for data in (failed, self._data(Done(Outcome(Status.FAILED)))) if data)

    def _frame(self, cursor: Cursor, event: AnswerEvent) -> bytes:
        match event:
            # Fast path: nearly all frames are chunks.
            case PartGrew(piece=Text(text)) | PartStarted(part=Text(text)):
                make = _shared_chunk_frame if len(text) <= _SHARED_CHARS else _chunk_frame
                return make(text, f"{self.answer_id}:{cursor.part}.{cursor.offset}") if text else b""
            case _:
                data = self._data(event)
                return frame(data, event_id(self.answer_id, cursor)) if data else b""

    def _data(self, event: AnswerEvent) -> dict[str, Any] | None:
        match event:
            case PartGrew(piece=Reasoning(text)) | PartStarted(part=Reasoning(text)):
                return {"reasoning": text} if self.with_reasoning and text else None
            case PartEnded(part=part) if self.with_parts and not isinstance(part, Text | Reasoning):
                return {"part": codec.to_json(part)}
            case Failure():
                return {"error": error(event, self.texts)}
            case Done():
                return done_payload(self.answer_id, event)
        return None


async def _encode(batches: Batches, encoder: _Encoder) -> AsyncGenerator[bytes, None]:
    """The frames, as they come and some at a time; always ends with ``done``."""
    async with aclosing(batches):
        try:
            async for batch in batches:
                for start in range(0, len(batch), _FRAMES_AT_ONCE):
                    if frames := encoder.frames(batch[start : start + _FRAMES_AT_ONCE]):
                        yield frames
        except Exception:
            logger.exception("answer %s could not be followed", encoder.answer_id)
            yield encoder.failure()


def _chunk_frame(text: str, event_id: str) -> bytes:
    return _event(f'{{"chunk": {_to_json(text)}}}', event_id)


_shared_chunk_frame = lru_cache(maxsize=1000)(_chunk_frame)


def _event(data: str, event_id: str) -> bytes:
    id_line = f"id: {event_id}\n" if event_id else ""
    return f"{id_line}data: {data.translate(_LINE_ENDS)}\n\n".encode()
