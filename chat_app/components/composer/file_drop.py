"""The notice about a file that was dropped on the page or pasted."""

from typing import Any

import reflex as rx
from reflex_base.utils.imports import ImportDict

from chat_app.compat.reflex import HookProps
from chat_app.components.kit.text import text
from chat_app.state.conversation.chat import ChatState
from chat_app.state.conversation.message_box import MESSAGE_BOX

_SCRIPT = rx.asset("file_drop.js", shared=True).importable_path
_OUTCOME = rx.Var("fileOutcome").to(str)


class _FileDrop(HookProps, rx.el.Div):
    """The element that listens for files that are dropped or pasted.

    Attributes:
        max_chars: The maximum length of a message, 0 until it is known.
    """

    max_chars: rx.Var[int]

    def add_imports(self) -> ImportDict:
        return {_SCRIPT: ["useFileDrop"]}

    def add_hooks(self) -> list[str | rx.Var[Any]]:
        return [f"const fileOutcome = useFileDrop({MESSAGE_BOX!r}, {self.max_chars!s});"]


@rx.memo
def file_notice() -> rx.Component:
    """The notice above the message box, shown for a while."""
    sentence = rx.match(_OUTCOME, ("inserted", text("file_inserted")), ("refused", text("file_refused")), "")
    return _FileDrop.create(
        rx.cond(_OUTCOME, rx.el.p(sentence, class_name="quiet-notice")), max_chars=ChatState.max_chars, role="status"
    )
