"""Notices: errors, the lost connection, the footnote on the model."""

import reflex as rx
from reflex_components_core.core.banner import has_connection_errors

from chat_app.components.kit.buttons import text_button
from chat_app.components.kit.mistake import mistake_notice
from chat_app.components.kit.text import text
from chat_app.state.conversation.chat import ChatState
from chat_app.state.conversation.message_box import MESSAGE_BOX


def error_notice() -> rx.Component:
    """The alert for an error outside of an answer."""
    return rx.cond(
        ChatState.failed_id,
        None,
        rx.cond(ChatState.error, failure_notice(ChatState.error, ChatState.can_retry)),
    )


def failure_notice(
    error: rx.Var[str] | str, can_retry: rx.Var[bool] | bool, *other_actions: rx.Component
) -> rx.Component:
    """An alert with the error, Try again as its main action where that can help, and other actions before it."""
    try_again = text_button(
        "try_again", on_click=[ChatState.try_again, rx.set_focus(MESSAGE_BOX)], class_name="primary-button waits"
    )
    return rx.el.div(
        rx.icon("circle-alert", size=18, class_name="shrink-0"),
        rx.el.p(error, class_name="min-w-0 flex-1 basis-56"),
        rx.el.div(*other_actions, rx.cond(can_retry, try_again), class_name="notice-actions"),
        role="alert",
        class_name="error-notice",
    )


def connection_notice() -> rx.Component:
    """A quiet note while the server can't be reached; the page reconnects by itself."""
    return rx.el.div(
        rx.cond(has_connection_errors, rx.el.p(text("reconnecting"), class_name="connection-notice")),
        mistake_notice(),
        role="status",
    )


def footnote() -> rx.Component:
    """A hint at the setup while the built-in demo model answers, else a word of caution."""
    return rx.el.p(
        rx.cond(ChatState.is_demo, text("demo_notice") + " " + text("demo_setup"), text("disclaimer")),
        class_name="footnote px-4 py-2 text-center text-xs text-muted-foreground text-balance",
    )
