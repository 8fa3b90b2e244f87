"""The messages that wait for the end of an answer, above the message box."""

import reflex as rx

from chat_app.components.kit.buttons import icon_button, text_button
from chat_app.components.kit.text import text
from chat_app.state.conversation.chat import ChatState
from chat_app.state.conversation.queue import QueuedMessage


def queue() -> rx.Component:
    return rx.el.div(
        rx.cond(
            ChatState.queued,
            rx.el.div(
                rx.el.ul(rx.foreach(ChatState.queued, _message), aria_label=text("queued_messages")),
                # After an answer that was stopped or failed, the visitor decides.
                rx.cond(~ChatState.is_loading, text_button("send_now", on_click=ChatState.send_next)),
                class_name="queue",
            ),
        ),
        role="status",
    )


def _message(message: rx.vars.ObjectVar[QueuedMessage]) -> rx.Component:
    return rx.el.li(
        rx.icon("clock", size=16, class_name="shrink-0"),
        rx.el.span(message.text, class_name="min-w-0 flex-1 truncate"),
        icon_button("undo-2", "take_back", on_click=ChatState.take_back(message.id)),
        key=message.id,
        class_name="queued-message",
    )
