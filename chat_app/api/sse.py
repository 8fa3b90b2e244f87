"""An answer's entries as server-sent events, the way ``/stream`` sends them.

    id: <answer>:<position>
    data: {"chunk": "Hel"}

Every frame is unnamed and has data: strict readers, such as the OpenAI SDK's, decode the data of whatever a blank
line ends. https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import json
import logging
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.types import Message, Send

from chat_app.models.errors import ChatError, NotFound
from chat_app.models.events import AnswerEvent, Chunk, Done, Entry, Failure, Finish, Reasoning
from chat_app.models.message import ID_PATTERN, Status
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

_EVENT_ID = re.compile(rf"({ID_PATTERN}):([0-9]{{1,16}})")
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
    answer_id: str, batches: Batches, texts: Catalogue, *, with_reasoning: bool = False
) -> EventSourceResponse:
    """A response that sends the entries as they come, and closes ``batches`` when its reader goes away."""
    return respond(_encode(answer_id, batches, texts, hidden=() if with_reasoning else (Reasoning,)))


def respond(frames: AsyncGenerator[bytes, None]) -> EventSourceResponse:
    """A response that sends these frames as they come."""
    return _Response(frames, headers=HEADERS, ping=PING_INTERVAL, ping_message_factory=_Ping)


def frame(data: dict[str, Any], event_id: str = "") -> bytes:
    """One server-sent event."""
    return _event(_to_json(data), event_id)


def payload(answer_id: str, event: Reasoning | Failure | Done, texts: Catalogue) -> dict[str, Any]:
    """What a frame says that isn't a chunk."""
    match event:
        case Reasoning(text):
            return {"reasoning": text}
        case Failure():
            return {"error": error(event, texts)}
        case Done(status, finish):
            return {
                "done": True,
                "id": answer_id,
                "status": status.value,
                "finish_reason": _FINISH_REASONS.get(status) or finish.reason or "stop",
                "model": finish.model,
                "usage": asdict(finish.usage) if finish.usage else None,
                **({} if event.stored else {"stored": False}),
            }


def error(failure: Failure, texts: Catalogue) -> dict[str, Any]:
    """An error as clients see it, in a stream or as a response's body."""
    sentence = texts.errors.get(failure.code, texts.errors[ChatError.code])
    message = f"{sentence} ({failure.param})" if failure.param else sentence
    known_delay = {} if failure.retry_after is None else {"retry_after": failure.retry_after}
    return {"code": failure.code, "message": message, "retryable": failure.retryable, **known_delay}


def parse_event_id(event_id: str) -> tuple[str, int]:
    """The answer and the position in it that a frame's id names.

    Raises:
        NotFound: It is none of ours.
    """
    found = _EVENT_ID.fullmatch(event_id)
    if found is None:
        raise NotFound("not the id of a frame")
    return found[1], int(found[2])


async def _encode(
    answer_id: str, batches: Batches, texts: Catalogue, hidden: tuple[type, ...]
) -> AsyncGenerator[bytes, None]:
    """The frames, as they come and some at a time; always ends with ``done``."""
    async with aclosing(batches):
        try:
            async for batch in batches:
                for start in range(0, len(batch), _FRAMES_AT_ONCE):
                    if frames := _frames(answer_id, batch[start : start + _FRAMES_AT_ONCE], texts, hidden):
                        yield frames
        except Exception:
            logger.exception("answer %s could not be followed", answer_id)
            # Without an id, a reader that comes back continues where it was.
            for event in (Failure(ChatError.code, ChatError.retryable), Done(Status.FAILED, Finish(""))):
                yield frame(payload(answer_id, event, texts))


def _frames(answer_id: str, entries: Sequence[Entry], texts: Catalogue, hidden: tuple[type, ...]) -> bytes:
    """The frames of these entries, apart from those that stay hidden."""
    return b"".join(
        _frame_of(entry.event, f"{answer_id}:{entry.position}", answer_id, texts)
        for entry in entries
        if not isinstance(entry.event, hidden)
    )


def _frame_of(event: AnswerEvent, event_id: str, answer_id: str, texts: Catalogue) -> bytes:
    if isinstance(event, Chunk):
        make = _shared_chunk_frame if len(event.text) <= _SHARED_CHARS else _chunk_frame
        return make(event.text, event_id)
    return frame(payload(answer_id, event, texts), event_id)


def _chunk_frame(text: str, event_id: str) -> bytes:
    """Put together with less ado than other frames: nearly all are such."""
    return _event(f'{{"chunk": {_to_json(text)}}}', event_id)


_shared_chunk_frame = lru_cache(maxsize=1000)(_chunk_frame)


def _event(data: str, event_id: str) -> bytes:
    id_line = f"id: {event_id}\n" if event_id else ""
    return f"{id_line}data: {data.translate(_LINE_ENDS)}\n\n".encode()
