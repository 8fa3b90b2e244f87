"""State of the streaming answer on the page."""

import reflex as rx

from chat_app.state.conversation.answer_progress import AnswerProgress
from chat_app.state.conversation.part_view import PartView
from chat_app.state.event_helpers import assign


class LiveAnswer(rx.State):
    """The parts of the answer that streams. A State of its own: a frame reaches only the components that show it.

    Attributes:
        settled: The parts that have ended; sent when one is added.
        kind, title: Of the part that grows, as in ``PartView``; ``kind`` is empty if none does.
        head, middle, tail: The text of the part that grows, which the browser joins (see ``growing_text``).
    """

    settled: rx.Field[list[PartView]] = rx.field(default_factory=list)
    kind: str = ""
    title: str = ""
    head: str = ""
    middle: str = ""
    tail: str = ""
    _answer_id: str = ""

    def _show(self, progress: AnswerProgress) -> None:
        growing, text = progress.growing, progress.text
        assign(
            self,
            settled=progress.settled,
            kind=growing.kind if growing else "",
            title=growing.title if growing else "",
            head=text.head,
            middle=text.middle,
            tail=text.tail,
        )

    def _switch_to(self, answer_id: str, progress: AnswerProgress | None = None) -> None:
        """Show another answer with its parts so far, or none. No effect if it is shown already."""
        if answer_id != self._answer_id:
            self._answer_id = answer_id
            self._show(progress or AnswerProgress())
