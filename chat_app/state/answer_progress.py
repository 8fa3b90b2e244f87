"""What a page has read of an answer's log so far."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from chat_app.models.events import Chunk, Done, Entry, Failure, Reasoning
from chat_app.models.message import Message, Role
from chat_app.models.thoughts import LONGEST_TAG, has_tags, split_thoughts
from chat_app.state.growing_text import GrowingText


@dataclass(slots=True)
class AnswerProgress:
    """An answer's text, its reasoning and how long that took, and how it ended, once it has."""

    text: GrowingText = field(default_factory=GrowingText)
    reasoning: GrowingText = field(default_factory=GrowingText)
    reasoned: float | None = None
    failure: Failure | None = None
    done: Done | None = None
    _latest: str = ""  # the end of the text, in which a tag may have been completed
    _has_separated: bool = False

    def add(self, entries: Iterable[Entry]) -> None:
        """Take in what has come since."""
        for entry in entries:
            match entry.event:
                case Chunk(text, reasoned):
                    self._add_text(text)
                    self.reasoned = reasoned or self.reasoned
                case Reasoning(text):
                    self.reasoning.add(text)
                case Failure() as failure:
                    self.failure = failure
                case Done() as done:
                    self.done = done

    def _add_text(self, text: str) -> None:
        """Add text; a closing tag without an opening one makes all text before it reasoning."""
        begins = self._has_separated and self.text == GrowingText()
        self.text.add(text.lstrip() if begins else text)
        self._latest = (self._latest + text)[-len(text) - LONGEST_TAG :]
        if not self._has_separated and has_tags(self._latest):
            thoughts, answer = split_thoughts(str(self.text))
            if thoughts:
                self.reasoning.add(thoughts)
                self.text, self._has_separated = GrowingText.of(answer), True

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
