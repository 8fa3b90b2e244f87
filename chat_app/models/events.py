"""What happens while an answer is made, in the order it happens.

A model yields ``Chunk`` and ``Reasoning`` and ends with one ``Finish``; its provider adds ``Alive`` for the clocks. The
log of an answer holds ``Chunk`` and ``Reasoning``, at most one ``Failure``, and always ends with one ``Done``.
"""

from dataclasses import dataclass, field

from chat_app.models.message import Status, Usage


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of the answer's text, never empty.

    Attributes:
        reasoned: Seconds of all reasoning before it, in the log's first chunk after some; ``None`` in others.
    """

    text: str
    # The same text is the same, however long the model has thought about it.
    reasoned: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Reasoning:
    """A piece of the model's thinking, never empty, shown apart from the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Alive:
    """A sign of life: the model's server has sent something other than text and reasoning."""


@dataclass(frozen=True, slots=True)
class Finish:
    """How the model ended.

    Attributes:
        reason: OpenAI's ``finish_reason``: ``stop``, ``length``, ``content_filter`` or ``tool_calls``.
        model: The model's own name for itself, empty where it gave none.
    """

    reason: str
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
    """The last event of every answer; the durations are those of ``message.Message``.

    Attributes:
        stored: Whether the end is in storage. If not, it will be as soon as storage works again.
    """

    status: Status
    finish: Finish
    # The same end is the same, however long it took.
    duration: float | None = field(default=None, compare=False)
    reasoning_duration: float | None = field(default=None, compare=False)
    stored: bool = field(default=True, compare=False)


ModelEvent = Chunk | Reasoning | Finish
ProviderEvent = ModelEvent | Alive
AnswerEvent = Chunk | Reasoning | Failure | Done

TEXT_STEP = 2**20
"""How far a character of text moves the position on; one of reasoning moves it by 1. No answer has more reasoning."""

END = 2**53 - 1
"""The position of every ``Done``: the largest integer that JavaScript keeps exact."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An event at its place in the log.

    Attributes:
        position: How much of the answer a reader has who has read up to here: its characters (Unicode code points) of
            text times ``TEXT_STEP``, plus those of reasoning. It grows with every entry, and it outlives the log,
            being made of nothing but lengths: an answer read back from storage continues at the same positions,
            whatever the order in which text and reasoning came. A ``Failure`` and the ``Done`` are at the very end,
            so that they still come for a reader who was ahead of what could be saved.
    """

    position: int
    event: AnswerEvent


def advance(position: int, event: AnswerEvent) -> int:
    """The position of ``event`` after an entry at ``position``, 0 before the first."""
    match event:
        case Chunk(text):
            return position + TEXT_STEP * len(text)
        case Reasoning(text):
            return position + len(text)
        case Failure():
            return END - 1
        case Done():
            return END
