"""Small components in place of elements of an answer: an image that can't be shown, the box of a task."""

import reflex as rx

from chat_app.components.kit.text import text


@rx.memo
def missing_image() -> rx.Component:
    """The replacement of an image without an address and a description, such as one whose data were in the answer."""
    return rx.el.span(text("missing_image"), class_name="text-muted-foreground")


@rx.memo
def task_box(is_done: rx.Var[bool]) -> rx.Component:
    """The box of an entry in a list of tasks."""
    return rx.el.input(
        type="checkbox",
        checked=is_done,
        disabled=True,
        aria_label=rx.cond(is_done, text("task_done"), text("task_open")),
        class_name="task-box",
    )
