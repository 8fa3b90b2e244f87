"""Records of an answer for storage: its progress while it streams, and its end."""

from dataclasses import dataclass, replace

from chat_app.models.events import Done
from chat_app.models.message import Message


@dataclass(frozen=True, slots=True)
class Progress:
    """The text and reasoning of a streaming answer so far."""

    id: str
    text: str
    reasoning: str


@dataclass(frozen=True, slots=True)
class EndedAnswer:
    """An answer as it ended.

    Attributes:
        error_code: That of ``chat_app.models.errors``, empty if nothing went wrong.
    """

    id: str
    text: str
    reasoning: str
    done: Done
    error_code: str = ""

    def applied_to(self, message: Message) -> Message:
        """The message as it is once this end is stored."""
        return replace(
            message,
            text=self.text,
            reasoning=self.reasoning,
            status=self.done.status,
            finish_reason=self.done.finish.reason,
            model=self.done.finish.model,
            usage=self.done.finish.usage,
            error_code=self.error_code,
            duration=self.done.duration,
            reasoning_duration=self.done.reasoning_duration,
        )
