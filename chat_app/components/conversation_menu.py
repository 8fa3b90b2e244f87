"""The menu of a conversation in the list, and taking back its deletion."""

import reflex as rx

from chat_app.components.dialog import dialog, dialog_button, hide
from chat_app.components.text import text
from chat_app.services.conversations import MAX_TITLE_CHARS
from chat_app.state.conversation_list import ConversationEntry
from chat_app.state.conversation_menu import TITLE_BOX, ConversationMenu

_MENU = "conversation-menu"


def menu_button(conversation: rx.vars.ObjectVar[ConversationEntry]) -> rx.Component:
    """Opens the menu for this conversation, beside the button."""
    label = rx.Var.create(f"{text('conversation_menu')}: {conversation.title}")
    return rx.el.button(
        rx.icon("ellipsis", size=18),
        type="button",
        on_click=ConversationMenu.open(conversation.id),
        custom_attrs={"popoverTarget": _MENU},
        aria_label=label,
        title=text("conversation_menu"),
        class_name="icon-button menu-button",
    )


def conversation_menu() -> rx.Component:
    """The one menu of all of them, with its dialog."""
    return rx.el.div(
        dialog_button("rename", "pencil"),
        rx.cond(
            ConversationMenu.is_pinned,
            _action("unpin", "pin-off", ConversationMenu.pin),
            _action("pin", "pin", ConversationMenu.pin),
        ),
        _action("export_markdown", "file-text", ConversationMenu.export_markdown),
        _action("export_json", "file-json", ConversationMenu.export_json),
        _action("delete", "trash-2", ConversationMenu.delete),
        _rename_dialog(),
        id=_MENU,
        role="group",
        aria_label=text("conversation_menu"),
        custom_attrs={"popover": "auto"},
        class_name="menu",
    )


def deletion_notice() -> rx.Component:
    """Says that a conversation was deleted, and takes it back."""
    notice = rx.el.div(
        rx.el.p(text("deleted"), class_name="flex-1"),
        rx.el.button(
            text("undo"), type="button", auto_focus=True, on_click=ConversationMenu.undo, class_name="quiet-button"
        ),
        rx.el.button(
            rx.icon("x", size=18),
            type="button",
            on_click=ConversationMenu.dismiss,
            aria_label=text("close"),
            title=text("close"),
            class_name="icon-button",
        ),
        class_name="deletion-notice",
    )
    return rx.el.div(rx.cond(ConversationMenu.can_undo, notice), role="status")


def _action(label: str, icon: str, on_click: rx.event.EventCallback[()]) -> rx.Component:
    return rx.el.button(
        rx.icon(icon, size=18),
        text(label),
        type="button",
        on_click=[on_click, hide(_MENU)],
        class_name="nav-link w-full",
    )


def _rename_dialog() -> rx.Component:
    return dialog(
        "rename",
        rx.el.form(
            rx.el.input(
                name=TITLE_BOX,
                default_value=ConversationMenu.title,
                key=ConversationMenu.title,  # a box that has its text already takes no other
                auto_focus=True,  # the title may come when the dialog is open already
                max_length=MAX_TITLE_CHARS,
                auto_complete="off",
                aria_label=text("title"),
                class_name="text-box",
            ),
            rx.el.button(text("save"), type="submit", class_name="quiet-button"),
            on_submit=[ConversationMenu.rename, hide(_MENU)],
            class_name="flex items-center gap-2",
        ),
    )
