"""The box of an entry in a list of tasks of an answer."""

import reflex as rx

from chat_app.components.kit.text import text


@rx.memo
def task_box(is_done: rx.Var[bool]) -> rx.Component:
    return rx.el.input(
        type="checkbox",
        checked=is_done,
        disabled=True,
        aria_label=rx.cond(is_done, text("task_done"), text("task_open")),
        class_name="task-box",
    )
