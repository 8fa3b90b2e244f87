"""The visitor's conversations: at the side of a wide window, in a drawer on a phone."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from chat_app.components.settings import settings_button
from chat_app.components.shortcuts import shortcut
from chat_app.components.text import text
from chat_app.state.chat import MESSAGE_BOX, ChatState
from chat_app.state.conversation_list import ConversationLink, ConversationList

_DRAWER = "conversations"

# The drawer is a popover: the browser opens it, closes it with Escape or a press outside, and returns the focus.
# https://html.spec.whatwg.org/multipage/popover.html
_CLOSE = rx.call_script(f"document.getElementById('{_DRAWER}').hidePopover()")


def conversation_list() -> rx.Component:
    return rx.el.nav(
        new_chat_link(),
        rx.el.ul(
            rx.foreach(ConversationList.conversations, _entry),
            class_name="mt-2 min-h-0 flex-1 space-y-0.5 overflow-y-auto",
        ),
        settings_button(),
        id=_DRAWER,
        custom_attrs={"popover": "auto"},
        aria_label=text("conversations"),
        class_name="drawer",
    )


def new_chat_link() -> rx.Component:
    return ReactRouterLink.create(
        rx.icon("square-pen", size=18),
        text("new_chat"),
        to="/",
        on_click=[_CLOSE, rx.set_focus(MESSAGE_BOX)],
        custom_attrs=shortcut("new_chat"),
        class_name="nav-link font-medium",
    )


def drawer_button() -> rx.Component:
    """Opens the list where the window is too narrow to show it all the time."""
    return rx.el.button(
        rx.icon("menu", size=20),
        type="button",
        custom_attrs={"popoverTarget": _DRAWER},
        aria_label=text("open_conversations"),
        title=text("open_conversations"),
        class_name="icon-button md:hidden",
    )


def _entry(conversation: rx.vars.ObjectVar[ConversationLink]) -> rx.Component:
    return rx.el.li(
        ReactRouterLink.create(
            rx.el.span(conversation.title, class_name="truncate"),
            to=f"/chat/{conversation.id}",
            on_click=_CLOSE,
            aria_current=rx.cond(conversation.id == ChatState.conversation_id, "page", "false"),
            class_name="nav-link",
        ),
        key=conversation.id,
    )
