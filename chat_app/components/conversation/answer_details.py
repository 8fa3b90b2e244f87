"""Which model wrote an answer, what it read and wrote for it, and how long it took."""

import reflex as rx

from chat_app.components.kit.popup import popup_button
from chat_app.components.kit.text import text
from chat_app.state.conversation.message_view import MessageView


def answer_details(item: rx.vars.ObjectVar[MessageView]) -> rx.Component:
    """Nothing where nothing is known."""
    entries = rx.el.dl(
        _entry("model", item.model),
        _entry("tokens_in", item.tokens_in),
        _entry("tokens_out", item.tokens_out),
        _entry("seconds", item.seconds),
        class_name="details",
    )
    return rx.cond(
        item.model | item.tokens_out | item.seconds,
        popup_button("details-" + item.id.to(str), "info", "details", entries),
    )


def _entry(name: str, value: rx.Var) -> rx.Component:
    return rx.cond(value, rx.fragment(rx.el.dt(text(name)), rx.el.dd(value)))
