"""What can be done with an answer: a row of buttons below it."""

import reflex as rx

from chat_app.components.answer_details import answer_details
from chat_app.components.buttons import icon_button
from chat_app.components.copy_button import copy_button
from chat_app.components.feedback import comment_button, rating_buttons
from chat_app.components.message_time import message_time
from chat_app.components.shortcuts import shortcut
from chat_app.components.text import text
from chat_app.components.version_pager import version_pager
from chat_app.state.message_actions import MessageActions


@rx.memo
def answer_actions(
    *,
    message_id: rx.Var[str],
    content: rx.Var[str],
    is_streaming: rx.Var[bool],
    version: rx.Var[str],
    previous_id: rx.Var[str],
    next_id: rx.Var[str],
    model: rx.Var[str],
    tokens_in: rx.Var[int],
    tokens_out: rx.Var[int],
    seconds: rx.Var[str],
    rating: rx.Var[int],
    comment: rx.Var[str],
    created_at: rx.Var[str],
    can_retry: rx.Var[bool],
) -> rx.Component:
    """The attributes of a ``MessageView``; ``content`` is empty while the answer streams.

    It is a component of its own so that a frame of the answer doesn't draw every button again.
    """
    return rx.el.div(
        version_pager(version, previous_id, next_id),
        rx.cond(content, copy_button(content=content, label=text("copy"), custom_attrs=shortcut("copy_answer"))),
        rx.cond(can_retry, None, _regenerate_button(message_id)),  # Try again does the same
        rx.cond(content, rating_buttons(message_id, rating)),
        rx.cond(is_streaming, None, answer_details(message_id, model, tokens_in, tokens_out, seconds)),
        rx.cond(rating, comment_button(message_id, comment)),
        message_time(created_at),
        class_name=rx.cond(is_streaming, "actions -ml-2 is-streaming", "actions -ml-2"),
    )


def _regenerate_button(message_id: rx.Var[str]) -> rx.Component:
    return icon_button("refresh-cw", "regenerate", on_click=MessageActions.regenerate(message_id), class_name="waits")
