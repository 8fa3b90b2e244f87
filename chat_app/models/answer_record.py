"""Records of an answer: progress and end for storage, a report for logs and metrics."""

from dataclasses import dataclass, replace

from chat_app.models.message import Message, Outcome
from chat_app.models.parts import Part


@dataclass(frozen=True, slots=True)
class Progress:
    """The parts of a streaming answer that changed since its last save.

    Attributes:
        id: The answer's message id.
        first: The index in the answer of the first of ``parts``; the parts before it are unchanged.
        parts: The changed parts, up to the end of the answer.
    """

    id: str
    first: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class EndedAnswer:
    """The final state of an answer, to be stored in its message.

    Attributes:
        id: The answer's message id.
    """

    id: str
    parts: tuple[Part, ...]
    outcome: Outcome

    def applied_to(self, message: Message) -> Message:
        """Return ``message`` with this final state."""
        return replace(message, parts=self.parts, outcome=self.outcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Report on one ended answer, without any content of the conversation.

    Attributes:
        first_token: Time to first token: seconds from the start to the model's first piece; ``None`` without any piece.
    """

    answer_id: str
    outcome: Outcome
    first_token: float | None

    @property
    def result(self) -> str:
        """The error code, or else the status: ``complete`` or ``stopped``."""
        return self.outcome.error_code or self.outcome.status.value
