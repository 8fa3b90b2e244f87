"""The whole page: the conversations at the side, the conversation, the message box."""

import reflex as rx

from chat_app.components.composer.conversation_settings import conversation_settings
from chat_app.components.composer.message_input import message_input
from chat_app.components.composer.queue import queue
from chat_app.components.conversation.announcer import announcer
from chat_app.components.conversation.greeting import greeting, not_found
from chat_app.components.conversation.header import header
from chat_app.components.conversation.message_list import message_list
from chat_app.components.conversation.notices import connection_notice, error_notice, footnote
from chat_app.components.kit.page_start import blocked_notice
from chat_app.components.kit.text import text
from chat_app.components.markdown.markdown import markdown_preload
from chat_app.components.settings.my_data import deletion_dialog, my_data
from chat_app.components.settings.settings import settings
from chat_app.components.settings.shortcuts import ShortcutListener, shortcut_list
from chat_app.components.settings.theme_colour import theme_colours
from chat_app.components.sidebar.conversation_list import conversation_list
from chat_app.components.sidebar.conversation_menu import conversation_menu, deletion_notice, rename_dialog
from chat_app.components.sidebar.search import search
from chat_app.state.conversation.chat import ChatState
from chat_app.state.conversation.message_box import MESSAGE_BOX
from chat_app.texts import CATALOGUES


def chat_container() -> rx.Component:
    return rx.el.div(
        _no_script(),
        _skip_link(),
        conversation_list(),
        rx.el.main(
            header(),
            rx.cond(ChatState.latest, message_list(), _in_place_of_messages()),
            rx.el.div(
                blocked_notice(),
                error_notice(),
                connection_notice(),
                queue(),
                message_input(),
                footnote(),
                rx.el.div(deletion_notice(), class_name="unless-side unless-drawer"),
                class_name="mx-auto w-full max-w-3xl px-4",
            ),
            conversation_menu(),
            class_name="flex min-w-0 flex-1 flex-col",
        ),
        rename_dialog(),
        conversation_settings(),
        search(),
        settings(),
        shortcut_list(),
        my_data(),
        deletion_dialog(),
        ShortcutListener.create(),
        announcer(),
        theme_colours(),
        markdown_preload(),
        class_name="flex h-dvh",
    )


def _no_script() -> rx.Component:
    """The notice that the page needs JavaScript, in all languages: without a script the visitor's is unknown."""
    sentences = (rx.el.p(texts.no_script, lang=language) for language, texts in CATALOGUES.items())
    return rx.el.noscript(rx.el.div(*sentences, class_name="no-script"))


def _skip_link() -> rx.Component:
    # Following the link would load the conversation again and leave the focus where it is.
    focus = rx.set_focus(MESSAGE_BOX).prevent_default
    return rx.el.a(text("skip_to_message"), href=f"#{MESSAGE_BOX}", on_click=focus, class_name="skip-link")


def _in_place_of_messages() -> rx.Component:
    """The greeting or the not-found note; empty until the server has loaded the page's address."""
    empty = rx.el.div(class_name="flex-1")
    content = rx.cond(ChatState.is_missing, not_found(), rx.cond(ChatState.is_new, greeting(), empty))
    return rx.el.div(content, class_name="flex min-h-0 flex-1 flex-col overflow-y-auto")
