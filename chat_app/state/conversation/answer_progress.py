"""Progress of an answer on a page: its parts as read from the log so far, as views."""

from collections.abc import Iterable, Sequence

from chat_app.models.content import Content
from chat_app.models.events import START, Done, Entry, Failure, PartEnded, PartGrew, PartStarted
from chat_app.models.message import Message, Role
from chat_app.models.parts import Part, Text, growth
from chat_app.models.reasoning_tags import LONGEST_TAG, has_tags
from chat_app.state.conversation.growing_text import GrowingText
from chat_app.state.conversation.part_view import PartView, part_views


class AnswerProgress:
    """The parts of an answer, and its outcome at the end.

    Attributes:
        settled: Views of the parts that don't grow any more.
        growing: View of the part that grows, without its text; ``None`` between parts.
        text: The text of ``growing``.
        cursor: The position in the log.
    """

    def __init__(self, parts: Sequence[Part] = ()) -> None:
        self._content = Content(parts)
        self.settled: list[PartView] = []
        self.growing: PartView | None = None
        self.text = GrowingText()
        self.cursor = START
        self.failure: Failure | None = None
        self.done: Done | None = None
        self._end_of_text = ""  # may hold the beginning of a reasoning tag
        self._has_reasoning_tags = False
        self._open_index = -1  # of the part that grows
        self._split()

    def add(self, entries: Iterable[Entry]) -> None:
        """Apply the next entries of the log."""
        needs_split = self._content.count == 0
        for entry in entries:
            self._content.apply(entry.event)
            self.cursor = entry.cursor
            match entry.event:
                case PartGrew(piece=piece) if not needs_split:
                    needs_split = self._grow(growth(piece), is_text=isinstance(piece, Text))
                # A text stays the growing part until another part starts: settled, all of it would be sent once more.
                case PartEnded(index=self._open_index, part=Text()) if not needs_split:
                    pass
                case PartStarted() | PartEnded():
                    needs_split = True
                case Failure() as failure:
                    self.failure = failure
                case Done() as done:
                    self.done = done
        if needs_split:  # once, not for each of many short parts
            self._split()

    def message(self, answer_id: str, done: Done) -> Message:
        """The ended answer as a message made from its log, without a conversation."""
        return Message(
            id=answer_id, conversation_id="", role=Role.ASSISTANT, parts=self._content.parts, outcome=done.outcome
        )

    def _grow(self, text: str, *, is_text: bool) -> bool:
        """Add text to the part that grows; return True if that may have changed the other parts."""
        begins = self._has_reasoning_tags and is_text and self.text == GrowingText()
        self.text.add(text.lstrip() if begins else text)
        if is_text and not self._has_reasoning_tags:
            # A closing tag makes reasoning of the text before it.
            self._end_of_text = (self._end_of_text + text)[-len(text) - LONGEST_TAG :]
            return has_tags(self._end_of_text)
        return False

    def _split(self) -> None:
        """Recompute all views: those of settled parts, and the growing one."""
        parts, open_part = self._content.parts, self._content.open_part
        views = part_views(parts)
        self.settled, self.growing, self.text = views, None, GrowingText()
        self._open_index = -1 if open_part is None else len(parts) - 1
        self._end_of_text = ""
        if open_part is None:
            return
        is_text = isinstance(open_part, Text)
        kind = "text" if is_text else views[-1].kind
        if views and views[-1].kind == kind:
            *self.settled, last = views
            self.text = GrowingText.of(last.text)
        self.growing = PartView(kind=kind, title=views[-1].title if not is_text else "")
        self._has_reasoning_tags = is_text and str(self.text) != growth(parts[-1])
        self._end_of_text = growth(parts[-1])[-LONGEST_TAG:] if is_text else ""
