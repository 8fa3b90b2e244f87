"""Events of an answer and their cursors.

A model yields pieces of ``Text`` and ``Reasoning``, other parts whole, and one ``StepEnded`` at its end; its provider
adds ``Alive``, which restarts the timeouts. The log of an answer holds ``PartStarted``, ``PartGrew``, ``PartEnded``
and ``StepEnded``, at most one ``Failure``, and always ends with one ``Done``. ``chat_app.models.content`` folds them
into parts.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from chat_app.models.message import Outcome, Usage
from chat_app.models.parts import GrowingPart, Part, growth, with_growth


@dataclass(frozen=True, slots=True)
class Alive:
    """Keep-alive: the model's server has sent bytes that are no part of the answer."""


@dataclass(frozen=True, slots=True)
class PartStarted:
    """Start of a part.

    Attributes:
        index: The part's index in the answer, from 0.
        part: Its beginning.
    """

    index: int
    part: Part


@dataclass(frozen=True, slots=True)
class PartGrew:
    """Growth of the part ``index``.

    Attributes:
        piece: The added text, never empty, as a part of the same kind: a reader that starts here learns the kind.
    """

    index: int
    piece: GrowingPart


@dataclass(frozen=True, slots=True)
class PartEnded:
    """End of the part ``index``, with the whole part. Parts that arrive whole have no ``PartStarted``."""

    index: int
    part: Part


@dataclass(frozen=True, slots=True)
class StepEnded:
    """End of one response of a model. After tool calls the answer goes on with another one.

    Attributes:
        finish: OpenAI's ``finish_reason``: ``stop``, ``length``, ``content_filter`` or ``tool_calls``.
        model: The model's name as reported by the server; empty if it reported none.
    """

    finish: str
    model: str = ""
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Error that ended the answer; the parts before it stay valid. The fields are those of ``errors.ChatError``."""

    code: str
    retryable: bool
    retry_after: float | None = None
    param: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """The last event of every answer.

    Attributes:
        stored: The end is in storage. If False, storing it is retried until it succeeds.
    """

    outcome: Outcome
    stored: bool = field(default=True, compare=False)


ModelEvent = Part | StepEnded
ProviderEvent = ModelEvent | Alive
PartEvent = PartStarted | PartGrew | PartEnded
AnswerEvent = PartEvent | StepEnded | Failure | Done


class Cursor(NamedTuple):
    """Position of a reader in an answer: all parts before ``part``, and ``offset`` characters of that part.

    Cursors sort in the order of the log. They are made of lengths alone and so outlive it: an answer replayed from
    storage continues at the same cursors. ``Failure`` and ``Done`` sort after any part, so that a reader still gets
    them after a crash has lost text that it had already read.
    """

    part: int
    offset: int


START = Cursor(0, 0)
WHOLE = 2**40
"""Offset of a part's end: larger than the length of any part."""
FAILED = Cursor(2**40, 0)
END = Cursor(2**40, 1)


class Entry(NamedTuple):
    """An event of the log, with the cursor after it."""

    cursor: Cursor
    event: AnswerEvent


def advance(cursor: Cursor, event: AnswerEvent) -> Cursor:
    """Return the cursor of a reader at ``cursor`` after it has read ``event``, the next one."""
    if isinstance(event, PartGrew):  # fast path: nearly all events
        return Cursor(event.index, cursor.offset + len(growth(event.piece)))
    match event:
        case PartStarted(index, part):
            return Cursor(index, len(growth(part)))
        case PartEnded(index):
            return Cursor(index, WHOLE)
        case StepEnded():
            return Cursor(cursor.part, max(cursor.offset, WHOLE) + 1)
        case Failure():
            return FAILED
        case Done():
            return END


def rest_of(entry: Entry, after: Cursor) -> Entry:
    """Return ``entry`` without the text that a reader at ``after`` has read already."""
    event = entry.event
    if not isinstance(event, PartStarted | PartGrew) or entry.cursor.part != after.part:
        return entry
    part = event.piece if isinstance(event, PartGrew) else event.part
    text = growth(part)
    read = len(text) - (entry.cursor.offset - after.offset)
    if not isinstance(part, GrowingPart) or not 0 < read < len(text):
        return entry
    return Entry(entry.cursor, PartGrew(event.index, with_growth(part, text[read:])))
