"""The buttons that show and hide the side bar with the conversations."""

import reflex as rx

from chat_app.components.kit.buttons import icon_button
from chat_app.components.kit.script import imported
from chat_app.components.settings.shortcuts import shortcut

DRAWER = "conversations"

_SCRIPT = rx.asset("sidebar.js", shared=True).importable_path
_TOGGLE = shortcut("toggle_conversations")


def open_sidebar_button() -> rx.Component:
    """Opens the conversations: the drawer in a narrow window, the side bar in a wide one."""
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
    """Closes the drawer, or folds the side bar."""
    attributes = {"onClick": imported(_SCRIPT, "closeSidebar"), **_TOGGLE}
    return icon_button("panel-left", "close_conversations", size=20, id=f"close-{DRAWER}", custom_attrs=attributes)
