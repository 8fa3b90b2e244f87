"""The menu of a conversation, in the list and above its messages: rename, pin, export, delete and undo."""

import reflex as rx

from chat_app.components.kit.buttons import icon_button, menu_entry, text_button
from chat_app.components.kit.dialog import close_all, dialog, dialog_button
from chat_app.components.kit.text import text
from chat_app.services.conversations.conversations import MAX_TITLE_CHARS
from chat_app.state.sidebar.conversation_menu import TITLE_BOX, ConversationMenu

_MENU = "conversation-menu"


def menu_button(conversation_id: rx.Var[str], title: rx.Var[str], *, class_name: str = "") -> rx.Component:
    """The button that opens the menu of this conversation."""
    label = rx.Var.create(f"{text('conversation_menu')}: {title}")
    return icon_button(
        "ellipsis",
        "conversation_menu",
        size=18,
        on_click=ConversationMenu.open(conversation_id),
        custom_attrs={"popoverTarget": _MENU},
        aria_label=label,
        class_name=class_name,
    )


def conversation_menu() -> rx.Component:
    """The menu, one element for all conversations."""
    return rx.el.div(
        dialog_button("pencil", "rename"),
        rx.cond(
            ConversationMenu.is_pinned,
            _entry("pin-off", "unpin", ConversationMenu.pin(False)),
            _entry("pin", "pin", ConversationMenu.pin(True)),
        ),
        _entry("file-text", "export_markdown", ConversationMenu.export_markdown),
        _entry("file-json", "export_json", ConversationMenu.export_json),
        _entry("trash-2", "delete", ConversationMenu.delete, class_name="danger-entry"),
        id=_MENU,
        role="group",
        aria_label=text("conversation_menu"),
        custom_attrs={"popover": "auto"},
        class_name="menu",
    )


def deletion_notice() -> rx.Component:
    """The notice that a conversation was deleted, with Undo."""
    notice = rx.el.div(
        rx.el.p(text("deleted"), class_name="flex-1"),
        text_button("undo", auto_focus=True, on_click=ConversationMenu.undo),
        icon_button("x", "close", size=18, on_click=ConversationMenu.dismiss),
        class_name="deletion-notice",
    )
    return rx.el.div(rx.cond(ConversationMenu.can_undo, notice), role="status")


def rename_dialog() -> rx.Component:
    """The dialog that asks for a new title of the conversation whose menu was opened last."""
    return dialog(
        "rename",
        rx.el.form(
            rx.el.input(
                name=TITLE_BOX,
                default_value=ConversationMenu.title,
                key=ConversationMenu.title,  # `default_value` applies on mount only; the key forces a remount
                auto_focus=True,  # the title may come when the dialog is open already
                custom_attrs={"onFocus": rx.Var("({target}) => target.select()")},
                max_length=MAX_TITLE_CHARS,
                auto_complete="off",
                aria_label=text("title"),
                class_name="text-box",
            ),
            text_button("save", type="submit", class_name="primary-button"),
            on_submit=[ConversationMenu.rename, close_all()],
            class_name="flex items-center gap-2",
        ),
    )


def _entry(icon: str, name: str, on_click: rx.event.EventCallback[()], *, class_name: str = "") -> rx.Component:
    """An entry that acts and closes the menu, but not the drawer below it."""
    closing = {"popoverTarget": _MENU, "popoverTargetAction": "hide"}
    return menu_entry(icon, name, class_name=class_name, on_click=on_click, custom_attrs=closing)
