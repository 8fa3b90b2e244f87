"""What the app has to say about itself: errors, the connection, the demo model."""

import reflex as rx
from reflex_components_core.core.banner import has_connection_errors

from chat_app.components.buttons import text_button
from chat_app.components.text import text
from chat_app.state.chat import MESSAGE_BOX, ChatState


def error_notice() -> rx.Component:
    """The last error, with a way to try again where that can help."""
    return rx.cond(
        ChatState.error,
        rx.el.div(
            rx.el.p(ChatState.error),
            rx.cond(ChatState.can_retry, _try_again_button()),
            role="alert",
            class_name="error-notice",
        ),
    )


def connection_notice() -> rx.Component:
    """Said quietly while the server can't be reached; the page connects again by itself."""
    return rx.el.div(
        rx.cond(has_connection_errors, rx.el.p(text("reconnecting"), class_name="connection-notice")),
        role="status",
    )


def footnote() -> rx.Component:
    """Which model answers, if it is the built-in one, and else a word of caution."""
    return rx.el.p(
        rx.cond(ChatState.is_demo, text("demo_notice") + " " + text("demo_setup"), text("disclaimer")),
        class_name="px-4 py-2 text-center text-xs text-muted-foreground text-balance",
    )


def _try_again_button() -> rx.Component:
    return text_button("try_again", on_click=[ChatState.try_again, rx.set_focus(MESSAGE_BOX)])
