"""Which model wrote an answer, what it read and wrote for it, and how long it took."""

import reflex as rx

from chat_app.components.popup import popup_button
from chat_app.components.text import text


def answer_details(
    message_id: rx.Var[str],
    model: rx.Var[str],
    tokens_in: rx.Var[int],
    tokens_out: rx.Var[int],
    seconds: rx.Var[str],
) -> rx.Component:
    """Nothing where nothing is known."""
    popup_id = "details-" + message_id.to(str)
    entries = rx.el.dl(
        _entry("model", model),
        _entry("tokens_in", tokens_in),
        _entry("tokens_out", tokens_out),
        _entry("seconds", seconds),
        class_name="details",
    )
    return rx.cond(
        model | tokens_out | seconds,
        popup_button(popup_id, "info", "details", entries),
    )


def _entry(name: str, value: rx.Var) -> rx.Component:
    return rx.cond(value, rx.fragment(rx.el.dt(text(name)), rx.el.dd(value)))
