"""The buttons that show and hide the side bar."""

import reflex as rx
from reflex_base.vars import VarData

from chat_app.components.buttons import icon_button
from chat_app.components.shortcuts import shortcut

DRAWER = "conversations"

_SCRIPT = rx.asset("sidebar.js", shared=True).importable_path
_TOGGLE = shortcut("toggle_conversations")


def open_sidebar_button() -> rx.Component:
    """Where they aren't at the side: opens the drawer in a narrow window, and unfolds them in a wide one."""
    attributes = {"popoverTarget": DRAWER, "onClick": _script("openSidebar"), **_TOGGLE}
    return icon_button(
        "panel-left",
        "open_conversations",
        size=20,
        id=f"open-{DRAWER}",
        custom_attrs=attributes,
        class_name="unless-side",
    )


def close_sidebar_button() -> rx.Component:
    """Among them: closes the drawer, or folds them."""
    attributes = {"onClick": _script("closeSidebar"), **_TOGGLE}
    return icon_button("panel-left", "close_conversations", size=20, id=f"close-{DRAWER}", custom_attrs=attributes)


def _script(function: str) -> rx.Var:
    return rx.Var(function, _var_data=VarData(imports={_SCRIPT: function}))
