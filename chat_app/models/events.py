"""What happens while an answer is made, in the order it happens.

A model yields ``Chunk`` and ``Reasoning`` and ends with one ``Finish``. The log of an answer holds ``Chunk`` and
``Reasoning``, at most one ``Failure``, and always ends with one ``Done``.
"""

from dataclasses import dataclass

from chat_app.models.message import Status, Usage


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of the answer's text, never empty."""

    text: str


@dataclass(frozen=True, slots=True)
class Reasoning:
    """A piece of the model's thinking, never empty, shown apart from the answer."""

    text: str


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


@dataclass(frozen=True, slots=True)
class Done:
    """The last event of every answer."""

    status: Status
    finish: Finish


ModelEvent = Chunk | Reasoning | Finish
AnswerEvent = Chunk | Reasoning | Failure | Done


@dataclass(frozen=True, slots=True)
class Entry:
    """An event at its place in the log.

    Attributes:
        position: How much of the answer lies before the end of this event, counted in characters (Unicode code
            points) of reasoning and text, plus one for a ``Failure`` and one for the ``Done``. It grows with every
            entry, and being a property of the answer's text it outlives the log: an answer read back from
            storage continues at the same positions.
    """

    position: int
    event: AnswerEvent


def length(event: AnswerEvent) -> int:
    """How far an event moves the position on."""
    return len(event.text) if isinstance(event, Chunk | Reasoning) else 1
