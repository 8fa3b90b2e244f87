"""What a page has read of an answer's log so far."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from chat_app.models.events import Chunk, Done, Entry, Failure, Reasoning
from chat_app.state.growing_text import GrowingText
from chat_app.state.message_view import MessageView, note


@dataclass(slots=True)
class AnswerProgress:
    """An answer's text, its reasoning, and how it ended, once it has."""

    text: GrowingText = field(default_factory=GrowingText)
    reasoning: GrowingText = field(default_factory=GrowingText)
    failure: Failure | None = None
    done: Done | None = None

    def add(self, entries: Iterable[Entry]) -> None:
        """Take in what has come since."""
        for entry in entries:
            match entry.event:
                case Chunk(text):
                    self.text.add(text)
                case Reasoning(text):
                    self.reasoning.add(text)
                case Failure() as failure:
                    self.failure = failure
                case Done() as done:
                    self.done = done

    def view(self, answer_id: str, done: Done) -> MessageView:
        """The ended answer as a row of the conversation."""
        return MessageView(
            id=answer_id,
            is_user=False,
            text=str(self.text),
            reasoning=str(self.reasoning),
            note=note(done.status, done.finish.reason),
        )
