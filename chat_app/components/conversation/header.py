"""The header of the conversation: its title and menu, and the link to a new chat while the sidebar is hidden."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from chat_app.components.kit.text import text
from chat_app.components.sidebar.conversation_menu import menu_button
from chat_app.components.sidebar.sidebar_buttons import open_sidebar_button
from chat_app.state.conversation.chat import ChatState
from chat_app.state.conversation.message_box import MESSAGE_BOX


def header() -> rx.Component:
    return rx.el.header(
        open_sidebar_button(),
        rx.el.h1(page_title(), class_name="min-w-0 flex-1 truncate text-sm font-medium"),
        rx.cond(
            ChatState.conversation_id,
            menu_button(rx.Var.create(ChatState.conversation_id), rx.Var.create(ChatState.title)),
        ),
        ReactRouterLink.create(
            rx.icon("square-pen", size=18),
            to="/",
            on_click=rx.set_focus(MESSAGE_BOX),
            aria_label=text("new_chat"),
            title=text("new_chat"),
            class_name="icon-button unless-side",
        ),
        class_name="page-header",
    )


def page_title() -> rx.Var[str]:
    """The conversation's title, or the app's name."""
    return rx.cond(ChatState.title, ChatState.title, text("app_name"))
