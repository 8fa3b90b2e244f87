"""Modal dialogs, one at a time: the browser traps the focus in them, and closes them with Escape or a press outside.

https://html.spec.whatwg.org/multipage/interactive-elements.html#the-dialog-element
"""

from typing import Any

import reflex as rx

from chat_app.components.kit.buttons import icon_button, menu_entry, text_button
from chat_app.components.kit.script import imported
from chat_app.components.kit.text import text

_SCRIPT = rx.asset("dialog.js", shared=True).importable_path


def dialog(name: str, *content: rx.Component, back_to: str = "") -> rx.Component:
    """A dialog, titled with the sentence called ``name``.

    Args:
        back_to: The name of the dialog that it is opened from.
    """
    return headless_dialog(name, _header(name, back_to), rx.el.div(*content, class_name="dialog-content"))


def headless_dialog(name: str, *content: rx.Component, **attributes: Any) -> rx.Component:
    """A dialog without a header, whose content has the close button."""
    return rx.el.dialog(
        *content, id=name, aria_label=text(name), custom_attrs={"closedby": "any", **attributes}, class_name="dialog"
    )


def dialog_button(
    icon: str, name: str, *children: rx.Component, class_name: str = "", **attributes: Any
) -> rx.Component:
    """A menu entry that opens the dialog called ``name``, and closes the open dialog or popup."""
    return menu_entry(icon, name, *children, class_name=class_name, custom_attrs={"onClick": _show(name), **attributes})


def dialog_icon_button(icon: str, name: str, **props: Any) -> rx.Component:
    """An icon that opens the dialog called ``name``."""
    return icon_button(icon, name, custom_attrs={"onClick": _show(name)}, **props)


def page_button(icon: str, name: str, **attributes: Any) -> rx.Component:
    """An entry within a dialog that opens the one called ``name``, which leads back."""
    return dialog_button(icon, name, rx.icon("chevron-right", size=16, class_name="ms-auto"), **attributes)


def back_button(name: str, back_to: str) -> rx.Component:
    """A button with the sentence called ``name`` that goes back to the dialog called ``back_to``."""
    return text_button(name, custom_attrs={"onClick": _show(back_to)})


def close_button() -> rx.Component:
    """The button that closes the open dialog."""
    return icon_button("x", "close", size=18, custom_attrs={"onClick": imported(_SCRIPT, "closeAll")})


def close_all() -> rx.event.EventSpec:
    """The event that closes the open dialog, popovers and the drawer."""
    return rx.call_function(imported(_SCRIPT, "closeAll"))


def _header(name: str, back_to: str) -> rx.Component:
    back = [icon_button("arrow-left", "back", size=18, custom_attrs={"onClick": _show(back_to)})] if back_to else []
    title = rx.el.h2(text(name), class_name="flex-1 text-base font-semibold")
    return rx.el.div(*back, title, close_button(), class_name="dialog-header")


def _show(name: str) -> rx.Var:
    return imported(_SCRIPT, "showDialog", f"() => showDialog({name!r})")
