"""The messages of the conversation, the answer being written among them."""

import reflex as rx

from chat_app.components.auto_press import AutoPressButton
from chat_app.components.message import message
from chat_app.components.scroll_area import EndButton, scroll_area
from chat_app.components.text import text
from chat_app.state.chat import ChatState
from chat_app.state.search import SearchState

# At the very top a browser would show what comes before the first message; anywhere else what is seen keeps its place.
# https://drafts.csswg.org/css-scroll-anchoring/
_LEAVE_TOP = rx.call_script("document.querySelector('.scroller').scrollTop ||= 1")


def message_list() -> rx.Component:
    """The conversation."""
    return scroll_area(
        rx.cond(ChatState.has_earlier, _earlier_button()),
        rx.foreach(ChatState.messages + ChatState.latest, message),
        _latest_button(),
        role="log",
        aria_label=text("conversation"),
        aria_live="polite",
        aria_busy=ChatState.is_loading,
        class_name="relative min-h-0 flex-1",
        content_class_name="mx-auto w-full max-w-3xl px-4 pt-4 pb-8",
    )


def _earlier_button() -> rx.Component:
    return AutoPressButton.create(
        text("earlier_messages"),
        piece=ChatState.messages.length(),
        on_click=[_LEAVE_TOP, ChatState.load_earlier],
        class_name="quiet-button more-button",
    )


@rx.memo
def _latest_button() -> rx.Component:
    return EndButton.create(
        rx.icon("arrow-down", size=18),
        shown=ChatState.conversation_id,
        go_when=ChatState.live_id,
        # Who loads the page anew has seen it, and isn't led there again.
        found=rx.cond(ChatState.is_hydrated, SearchState.found, None),
        aria_label=text("latest_messages"),
        title=text("latest_messages"),
        class_name="latest-button",
    )
