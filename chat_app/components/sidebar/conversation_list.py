"""The list of the visitor's conversations: a sidebar in a wide window, a drawer in a narrow one."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from chat_app.components.kit.dialog import close_all
from chat_app.components.kit.load_more import LoadMoreButton
from chat_app.components.kit.text import text
from chat_app.components.settings.settings import settings_button
from chat_app.components.settings.shortcuts import shortcut
from chat_app.components.sidebar.conversation_menu import deletion_notice, menu_button
from chat_app.components.sidebar.search import search_button
from chat_app.components.sidebar.sidebar_buttons import DRAWER, close_sidebar_button
from chat_app.state.conversation.chat import ChatState
from chat_app.state.conversation.message_box import MESSAGE_BOX
from chat_app.state.sidebar.conversation_list import HEADINGS, ConversationEntry, ConversationGroup, ConversationList


def conversation_list() -> rx.Component:
    return rx.el.nav(
        rx.el.div(
            rx.el.span(text("app_name"), class_name="flex-1 px-3 font-semibold"),
            close_sidebar_button(),
            class_name="flex items-center",
        ),
        _new_chat_link(),
        search_button(),
        rx.el.div(
            rx.cond(ConversationList.steps > 0, _more_button("newer_conversations", ConversationList.show_newer)),
            rx.foreach(ConversationList.groups, _group),
            rx.cond(ConversationList.has_older, _more_button("older_conversations", ConversationList.show_older)),
            rx.cond(
                ConversationList.is_empty,
                rx.el.p(text("no_conversations"), class_name="px-3 py-4 text-sm text-muted-foreground"),
            ),
            class_name="conversations",
        ),
        deletion_notice(),
        settings_button(),
        id=DRAWER,
        # The browser opens a popover, closes it with Escape or a press outside, and returns the focus.
        # https://html.spec.whatwg.org/multipage/popover.html
        custom_attrs={"popover": "auto"},
        aria_label=text("conversations"),
        class_name="drawer",
    )


def _new_chat_link() -> rx.Component:
    return ReactRouterLink.create(
        rx.icon("square-pen", size=18),
        text("new_chat"),
        to="/",
        on_click=[close_all(), rx.set_focus(MESSAGE_BOX)],
        custom_attrs=shortcut("new_chat"),
        class_name="nav-link font-medium",
    )


def _group(group: rx.vars.ObjectVar[ConversationGroup]) -> rx.Component:
    headings = {name: text(name) for name in HEADINGS}
    return rx.el.section(
        rx.el.h2(rx.Var.create(headings)[group.heading], class_name="list-heading"),
        rx.el.ul(rx.foreach(group.conversations, _entry), class_name="space-y-0.5"),
        key=group.heading,
    )


def _entry(conversation: rx.vars.ObjectVar[ConversationEntry]) -> rx.Component:
    return rx.el.li(
        ReactRouterLink.create(
            rx.el.span(conversation.title, class_name="truncate"),
            to=f"/chat/{conversation.id}",
            on_click=close_all(),
            aria_current=rx.cond(conversation.id == ChatState.conversation_id, "page", "false"),
            class_name="nav-link",
        ),
        rx.cond(
            conversation.is_answering,
            rx.el.span(role="img", aria_label=text("being_answered"), class_name="answering-sign"),
        ),
        menu_button(conversation.id, conversation.title, class_name="menu-button"),
        key=conversation.id,
        class_name="conversation-entry",
    )


def _more_button(label: str, on_click: rx.event.EventCallback[()]) -> rx.Component:
    return LoadMoreButton.create(
        text(label), loaded=ConversationList.steps, on_click=on_click, class_name="quiet-button more-button"
    )
