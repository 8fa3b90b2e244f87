"""What a page has read of an answer's log so far."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from chat_app.models.events import Chunk, Done, Entry, Failure, Reasoning
from chat_app.models.message import Message, Role
from chat_app.state.growing_text import GrowingText


@dataclass(slots=True)
class AnswerProgress:
    """An answer's text, its reasoning and how long that took, and how it ended, once it has."""

    text: GrowingText = field(default_factory=GrowingText)
    reasoning: GrowingText = field(default_factory=GrowingText)
    reasoned: float | None = None
    failure: Failure | None = None
    done: Done | None = None

    def add(self, entries: Iterable[Entry]) -> None:
        """Take in what has come since."""
        for entry in entries:
            match entry.event:
                case Chunk(text, reasoned):
                    self.text.add(text)
                    self.reasoned = reasoned or self.reasoned
                case Reasoning(text):
                    self.reasoning.add(text)
                case Failure() as failure:
                    self.failure = failure
                case Done() as done:
                    self.done = done

    def message(self, answer_id: str, done: Done) -> Message:
        """The ended answer, as far as its log tells; to which conversation it belongs, it doesn't."""
        return Message(
            id=answer_id,
            conversation_id="",
            role=Role.ASSISTANT,
            text=str(self.text),
            reasoning=str(self.reasoning),
            status=done.status,
            finish_reason=done.finish.reason,
            model=done.finish.model,
            usage=done.finish.usage,
            error_code=self.failure.code if self.failure else "",
            duration=done.duration,
            reasoning_duration=done.reasoning_duration,
        )
