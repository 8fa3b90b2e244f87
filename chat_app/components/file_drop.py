"""What the page says when a file is dropped on it or pasted."""

from typing import Any

import reflex as rx
from reflex_base.utils.imports import ImportDict

from chat_app.components.text import text
from chat_app.state.chat import MESSAGE_BOX, ChatState

_SCRIPT = rx.asset("file_drop.js", shared=True)
_OUTCOME = rx.Var("fileOutcome").to(str)


class _FileDrop(rx.el.Div):
    """Attributes:
    max_chars: How long a message may be; 0 where that isn't known yet.
    """

    max_chars: rx.Var[int]

    def add_imports(self) -> ImportDict:
        return {_SCRIPT.importable_path: ["useFileDrop"]}

    def add_hooks(self) -> list[str | rx.Var[Any]]:
        return [f"const fileOutcome = useFileDrop({MESSAGE_BOX!r}, {self.max_chars!s});"]

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), "max_chars"]


@rx.memo
def file_notice() -> rx.Component:
    """A sentence above the message box, for a while."""
    said = rx.match(_OUTCOME, ("inserted", text("file_inserted")), ("refused", text("file_refused")), "")
    return _FileDrop.create(
        rx.cond(_OUTCOME, rx.el.p(said, class_name="quiet-notice")), max_chars=ChatState.max_chars, role="status"
    )
