"""Feedback on an answer: a rating and a comment."""

import reflex as rx

from chat_app.components.kit.buttons import icon_button, text_button
from chat_app.components.kit.dialog import close_all
from chat_app.components.kit.popup import popup_button
from chat_app.components.kit.text import text
from chat_app.models.message import Rating
from chat_app.services.conversations.feedback import MAX_COMMENT_CHARS
from chat_app.state.conversation.message_actions import COMMENT, MessageActions


def rating_buttons(message_id: rx.Var[str], rating: rx.Var[int]) -> rx.Component:
    return rx.fragment(
        _rating_button("thumbs-up", "good_answer", message_id, rating, Rating.UP),
        _rating_button("thumbs-down", "bad_answer", message_id, rating, Rating.DOWN),
    )


def comment_button(message_id: rx.Var[str], comment: rx.Var[str]) -> rx.Component:
    """The button that opens a form for a comment on the rating."""
    form = rx.el.form(
        rx.el.input(
            name=COMMENT,
            default_value=comment,
            placeholder=text("comment_placeholder"),
            aria_label=text("comment_placeholder"),
            max_length=MAX_COMMENT_CHARS,
            auto_complete="off",
            class_name="text-box",
        ),
        text_button("save", type="submit", class_name="primary-button"),
        on_submit=[MessageActions.comment(message_id), close_all()],
        class_name="flex w-96 max-w-full items-center gap-2",
    )
    return popup_button(
        "comment-" + message_id.to(str),
        "message-square-text",
        "comment",
        form,
        aria_pressed=comment != "",
        class_name="toggle",
    )


def _rating_button(icon: str, name: str, message_id: rx.Var[str], rating: rx.Var[int], value: Rating) -> rx.Component:
    is_pressed = rating == value.value
    new_rating = rx.cond(is_pressed, Rating.NONE.value, value.value)
    return icon_button(
        icon, name, on_click=MessageActions.rate(message_id, new_rating), aria_pressed=is_pressed, class_name="toggle"
    )
