"""The answer being written, as far as the page shows it."""

import reflex as rx

from chat_app.state.assign import assign
from chat_app.state.growing_text import GrowingText
from chat_app.state.message_view import in_seconds


class LiveAnswer(rx.State):
    """The text and the reasoning so far, each in three parts that the browser joins (see ``growing_text``).

    It is a State of its own, so that a frame reaches only the components that show it.

    Attributes:
        reasoning_seconds: How long the reasoning took, with one decimal; empty until it has ended.
    """

    head: str = ""
    middle: str = ""
    tail: str = ""
    reasoning_head: str = ""
    reasoning_middle: str = ""
    reasoning_tail: str = ""
    reasoning_seconds: str = ""
    _answer_id: str = ""

    def _show(self, text: GrowingText, reasoning: GrowingText, reasoned: float | None = None) -> None:
        assign(
            self,
            head=text.head,
            middle=text.middle,
            tail=text.tail,
            reasoning_head=reasoning.head,
            reasoning_middle=reasoning.middle,
            reasoning_tail=reasoning.tail,
            reasoning_seconds=in_seconds(reasoned),
        )

    def _become(self, answer_id: str, text: str = "", reasoning: str = "") -> None:
        """Stand for another answer, which has this already, or for none; what is shown of the same one stays."""
        if answer_id != self._answer_id:
            self._answer_id = answer_id
            self._show(GrowingText.of(text), GrowingText.of(reasoning))
