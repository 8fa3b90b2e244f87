"""A block of code in an answer: its language, a switch that wraps its long lines, a button that copies it."""

import reflex as rx

from chat_app.components.kit.copy_button import copy_button
from chat_app.components.kit.text import text


@rx.memo
def code_block(children: rx.Var[rx.Component], source: rx.Var[str]) -> rx.Component:
    """The block that Streamdown makes of ``source``, in a frame."""
    return code_frame(children, source)


def code_frame(
    code: rx.Var[rx.Component], source: rx.Var[str], *below: rx.Component, action: rx.Component | None = None
) -> rx.Component:
    """A frame around code, with a bar of buttons above it.

    Args:
        code: The code as Streamdown draws it.
        source: The text that the copy button copies.
        below: Further components below the code.
        action: A button of its own in the bar.
    """
    return rx.el.div(
        rx.el.div(
            action,
            _wrap_switch(),
            copy_button(content=source, label=text("copy_code")),
            class_name="code-actions",
        ),
        code,
        *below,
        class_name="code-block",
    )


def _wrap_switch() -> rx.Component:
    # Wrapping is switched by the style sheet, without a new render.
    return rx.el.label(
        rx.el.input(type="checkbox", aria_label=text("wrap_lines"), class_name="wrap-switch sr-only"),
        rx.icon("wrap-text", size=16),
        title=text("wrap_lines"),
        class_name="icon-button",
    )
