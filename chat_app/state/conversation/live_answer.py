"""The answer being written, as far as the page shows it."""

import reflex as rx

from chat_app.state.conversation.answer_progress import AnswerProgress
from chat_app.state.conversation.part_view import PartView
from chat_app.state.event_helpers import assign


class LiveAnswer(rx.State):
    """The parts so far. It is a State of its own, so that a frame reaches only the components that show it.

    Attributes:
        settled: The parts that don't grow any more; sent when one is added.
        kind, title: Those of the part that grows, as in ``PartView``; ``kind`` is empty while none does.
        head, middle, tail: Its text, which the browser joins (see ``growing_text``).
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

    def _become(self, answer_id: str, progress: AnswerProgress | None = None) -> None:
        """Show another answer, as far as it has come, or none; what is shown of the same one stays."""
        if answer_id != self._answer_id:
            self._answer_id = answer_id
            self._show(progress or AnswerProgress())
