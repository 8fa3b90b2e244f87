"""What can be done with an answer: a row of buttons below it."""

import reflex as rx

from chat_app.components.conversation.answer_details import answer_details
from chat_app.components.conversation.feedback import comment_button, rating_buttons
from chat_app.components.conversation.message_time import message_time
from chat_app.components.conversation.version_pager import version_pager
from chat_app.components.kit.buttons import icon_button
from chat_app.components.kit.copy_button import copy_button
from chat_app.components.kit.text import text
from chat_app.components.settings.shortcuts import shortcut
from chat_app.state.conversation.message_actions import MessageActions
from chat_app.state.conversation.message_view import MessageView


@rx.memo
def answer_actions(
    *,
    item: rx.vars.ObjectVar[MessageView],
    content: rx.Var[str],
    is_streaming: rx.Var[bool],
    can_retry: rx.Var[bool],
) -> rx.Component:
    """The buttons below an answer; ``content`` is its text, empty while it streams.

    It is a component of its own so that a frame of the answer doesn't draw every button again.
    """
    return rx.el.div(
        version_pager(item.version, item.previous_id, item.next_id),
        rx.cond(content, copy_button(content=content, label=text("copy"), custom_attrs=shortcut("copy_answer"))),
        rx.cond(can_retry, None, _regenerate_button(item.id)),  # Try again does the same
        rx.cond(content, rating_buttons(item.id, item.rating)),
        rx.cond(is_streaming, None, answer_details(item)),
        rx.cond(item.rating, comment_button(item.id, item.comment)),
        message_time(item.created_at),
        class_name=rx.cond(is_streaming, "actions -ml-2 is-streaming", "actions -ml-2"),
    )


def _regenerate_button(message_id: rx.Var[str]) -> rx.Component:
    return icon_button("refresh-cw", "regenerate", on_click=MessageActions.regenerate(message_id), class_name="waits")
