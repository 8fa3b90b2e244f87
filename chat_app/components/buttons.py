"""A small button with an icon, such as those below a message."""

from typing import Any

import reflex as rx

from chat_app.components.text import text


def action_button(icon: str, name: str, *, class_name: str = "", **props: Any) -> rx.Component:
    """``name`` is that of the sentence that says what it does."""
    return rx.el.button(
        rx.icon(icon, size=16),
        type="button",
        aria_label=text(name),
        title=text(name),
        class_name=f"icon-button {class_name}",
        **props,
    )
