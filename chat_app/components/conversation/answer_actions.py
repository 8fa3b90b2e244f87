"""The row of buttons below an answer."""

import reflex as rx

from chat_app.components.conversation.feedback import comment_button, rating_buttons
from chat_app.components.conversation.message_time import message_time
from chat_app.components.conversation.regenerate_menu import regenerate_menu
from chat_app.components.conversation.version_pager import version_pager
from chat_app.components.kit.buttons import icon_button
from chat_app.components.kit.copy_button import copy_button
from chat_app.components.kit.popup import popup_button
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
    has_choice: rx.Var[bool],
) -> rx.Component:
    """The buttons: a component of its own, so that a frame of the answer doesn't draw them again.

    Args:
        item: The answer.
        content: Its text, empty while it streams.
        is_streaming: Whether it streams.
        can_retry: Whether Try again is shown, which does the same as Regenerate.
        has_choice: Whether there is more than one model.
    """
    return rx.el.div(
        version_pager(item.version, item.previous_id, item.next_id),
        rx.cond(content, copy_button(content=content, label=text("copy"), custom_attrs=shortcut("copy_answer"))),
        rx.cond(
            can_retry,
            None,
            icon_button("refresh-cw", "regenerate", on_click=MessageActions.regenerate(item.id), class_name="waits"),
        ),
        rx.cond(has_choice & ~is_streaming, regenerate_menu(item.id)),
        rx.cond(content, rating_buttons(item.id, item.rating)),
        rx.cond(is_streaming, None, _details(item)),
        rx.cond(item.rating, comment_button(item.id, item.comment)),
        message_time(item.created_at),
        class_name=rx.cond(is_streaming, "actions -ml-2 is-streaming", "actions -ml-2"),
    )


def _details(item: rx.vars.ObjectVar[MessageView]) -> rx.Component:
    """A button that shows the model, its tokens and its time; empty where nothing is known."""
    details = (
        ("model", item.model),
        ("tokens_in", item.tokens_in),
        ("tokens_out", item.tokens_out),
        ("seconds", item.seconds),
    )
    entries = (rx.cond(value, rx.fragment(rx.el.dt(text(name)), rx.el.dd(value))) for name, value in details)
    return rx.cond(
        item.model | item.tokens_out | item.seconds,
        popup_button("details-" + item.id.to(str), "info", "details", rx.el.dl(*entries, class_name="details")),
    )
