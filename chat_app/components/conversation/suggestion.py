"""Suggested messages: a press sends them."""

import reflex as rx

from chat_app.components.kit.text import text
from chat_app.state.conversation.chat import ChatState
from chat_app.state.conversation.message_box import MESSAGE_BOX, MODEL_MENU


def follow_ups() -> rx.Component:
    """The questions that an agent suggests after its answer, while that is the latest one."""
    return rx.cond(
        ChatState.follow_ups,
        rx.el.div(
            rx.foreach(ChatState.follow_ups, lambda question: suggestion_button(question, ChatState.model)),
            role="group",
            aria_label=text("follow_ups"),
            class_name="follow-ups",
        ),
    )


def suggestion_button(message: rx.Var[str], model: rx.Var[str] | str) -> rx.Component:
    """A button that sends ``message`` to ``model``; empty for the default model."""
    return rx.el.button(
        message,
        type="button",
        on_click=ChatState.send({MESSAGE_BOX: message, MODEL_MENU: model}, ""),
        class_name="quiet-button",
    )
