"""Records of an answer: for storage its progress and its end, for operators a report."""

from dataclasses import dataclass, replace

from chat_app.models.message import Message, Outcome
from chat_app.models.parts import Part


@dataclass(frozen=True, slots=True)
class Progress:
    """What a streaming answer has gained since it was saved last.

    Attributes:
        first: The position of the first of ``parts`` in the answer; those before it are saved as they are.
    """

    id: str
    first: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class EndedAnswer:
    """An answer as it ended."""

    id: str
    parts: tuple[Part, ...]
    outcome: Outcome

    def applied_to(self, message: Message) -> Message:
        """The message as it is once this end is stored."""
        return replace(message, parts=self.parts, outcome=self.outcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One ended answer. There is nothing in it of what was asked or said.

    Attributes:
        first_token: Seconds from its beginning to the first piece of the model's; ``None`` if there was none.
    """

    answer_id: str
    outcome: Outcome
    first_token: float | None

    @property
    def result(self) -> str:
        """In a word: ``complete``, ``stopped``, or the code of the error."""
        return self.outcome.error_code or self.outcome.status.value
