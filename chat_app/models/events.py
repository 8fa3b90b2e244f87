"""Events: what happens while an answer is made, in the order it happens.

A model yields pieces of ``Text`` and ``Reasoning``, other parts whole, and one ``StepEnded`` at its end; its provider
adds ``Alive`` for the clocks. The log of an answer holds ``PartStarted``, ``PartGrew``, ``PartEnded`` and
``StepEnded``, at most one ``Failure``, and always ends with one ``Done``. ``chat_app.models.content`` folds them into
parts.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from chat_app.models.message import Outcome, Usage
from chat_app.models.parts import GrowingPart, Part, growth


@dataclass(frozen=True, slots=True)
class Alive:
    """A sign of life: the model's server has sent something that is no part of the answer."""


@dataclass(frozen=True, slots=True)
class PartStarted:
    """A part begins, with what it has by then. ``index`` counts the parts from 0."""

    index: int
    part: Part


@dataclass(frozen=True, slots=True)
class PartGrew:
    """The part ``index`` has grown by what has grown in ``piece``, which is never empty.

    Attributes:
        piece: Of the part's own kind, so that a reader who begins here knows what it is.
    """

    index: int
    piece: GrowingPart


@dataclass(frozen=True, slots=True)
class PartEnded:
    """The part ``index`` is whole. A part that comes whole needs no ``PartStarted``."""

    index: int
    part: Part


@dataclass(frozen=True, slots=True)
class StepEnded:
    """One response of a model has ended, with parts; the answer may go on after the tools that it has called.

    Attributes:
        finish: OpenAI's ``finish_reason``: ``stop``, ``length``, ``content_filter`` or ``tool_calls``.
        model: The model's own name for itself, empty where it gave none.
    """

    finish: str
    model: str = ""
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """An error in the middle; what came before it stands. The fields are those of ``errors.ChatError``."""

    code: str
    retryable: bool
    retry_after: float | None = None
    param: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """The last event of every answer.

    Attributes:
        stored: Whether the end is in storage. If not, it will be as soon as storage works again.
    """

    outcome: Outcome
    stored: bool = field(default=True, compare=False)


ModelEvent = Part | StepEnded
ProviderEvent = ModelEvent | Alive
PartEvent = PartStarted | PartGrew | PartEnded
AnswerEvent = PartEvent | StepEnded | Failure | Done


class Cursor(NamedTuple):
    """How much of an answer a reader has: all parts before ``part``, and ``offset`` characters of that one.

    Cursors are in the order of the log. Made of nothing but lengths, they outlive it: an answer read back from storage
    continues at the same cursors. A ``Failure`` and the ``Done`` are at the very end, so that they still come for a
    reader who was ahead of what could be saved.
    """

    part: int
    offset: int


START = Cursor(0, 0)
WHOLE = 2**40
"""The offset of a part's end: larger than the length of any part."""
FAILED = Cursor(2**40, 0)
END = Cursor(2**40, 1)


class Entry(NamedTuple):
    """An event, and the cursor of a reader who has read up to it."""

    cursor: Cursor
    event: AnswerEvent


def advance(cursor: Cursor, event: AnswerEvent) -> Cursor:
    """The cursor after ``event``, which follows what a reader at ``cursor`` has."""
    match event:
        case PartGrew(index, piece):
            return Cursor(index, cursor.offset + len(growth(piece)))
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
