"""The buttons that open and close the sidebar or the drawer."""

import reflex as rx

from chat_app.components.kit.buttons import icon_button
from chat_app.components.kit.script import imported
from chat_app.components.settings.shortcuts import shortcut

DRAWER = "conversations"

_SCRIPT = rx.asset("sidebar.js", shared=True).importable_path
_TOGGLE = shortcut("toggle_conversations")


def open_sidebar_button() -> rx.Component:
    """The button that opens the drawer in a narrow window, and unfolds the sidebar in a wide one."""
    attributes = {"popoverTarget": DRAWER, "onClick": imported(_SCRIPT, "openSidebar"), **_TOGGLE}
    return icon_button(
        "panel-left",
        "open_conversations",
        size=20,
        id=f"open-{DRAWER}",
        custom_attrs=attributes,
        class_name="unless-side",
    )


def close_sidebar_button() -> rx.Component:
    """The button that closes the drawer, or folds the sidebar."""
    attributes = {"onClick": imported(_SCRIPT, "closeSidebar"), **_TOGGLE}
    return icon_button("panel-left", "close_conversations", size=20, id=f"close-{DRAWER}", custom_attrs=attributes)
