"""Modal dialogs, one at a time: the browser keeps the focus in them, and knows Escape and a press outside.

https://html.spec.whatwg.org/multipage/interactive-elements.html#the-dialog-element
"""

from typing import Any

import reflex as rx
from reflex_base.vars import VarData

from chat_app.components.buttons import icon_button, menu_entry, text_button
from chat_app.components.text import text

_SCRIPT = rx.asset("dialog.js", shared=True).importable_path


def dialog(name: str, *content: rx.Component, back_to: str = "") -> rx.Component:
    """A dialog, titled with the sentence called ``name``.

    Args:
        back_to: The name of the dialog that it is opened from.
    """
    return _dialog(name, _header(name, back_to), rx.el.div(*content, class_name="dialog-content"))


def headless_dialog(name: str, *content: rx.Component, **attributes: Any) -> rx.Component:
    """One that shows no title, and a way to close it only as part of its content."""
    return _dialog(name, *content, **attributes)


def dialog_button(
    icon: str, name: str, *children: rx.Component, class_name: str = "", **attributes: Any
) -> rx.Component:
    """The entry of a menu that opens the dialog called ``name`` in place of whatever is open."""
    return menu_entry(icon, name, *children, class_name=class_name, custom_attrs={"onClick": _show(name), **attributes})


def page_button(icon: str, name: str, **attributes: Any) -> rx.Component:
    """One within another dialog, to which the dialog called ``name`` leads back."""
    return dialog_button(icon, name, rx.icon("chevron-right", size=16, class_name="ms-auto"), **attributes)


def back_button(name: str, back_to: str) -> rx.Component:
    """Goes back to the dialog called ``back_to``, and says the sentence called ``name``."""
    return text_button(name, custom_attrs={"onClick": _show(back_to)})


def close_button() -> rx.Component:
    """Closes the dialog that is open."""
    return icon_button("x", "close", size=18, custom_attrs={"onClick": _script("closeAll")})


def close_all() -> rx.event.EventSpec:
    """Close the dialog that is open, menus and the drawer."""
    return rx.call_function(_script("closeAll"))


def _dialog(name: str, *content: rx.Component, **attributes: Any) -> rx.Component:
    return rx.el.dialog(
        *content, id=name, aria_label=text(name), custom_attrs={"closedby": "any", **attributes}, class_name="dialog"
    )


def _header(name: str, back_to: str) -> rx.Component:
    back = [icon_button("arrow-left", "back", size=18, custom_attrs={"onClick": _show(back_to)})] if back_to else []
    title = rx.el.h2(text(name), class_name="flex-1 text-base font-semibold")
    return rx.el.div(*back, title, close_button(), class_name="dialog-header")


def _show(name: str) -> rx.Var:
    return rx.Var(f"() => showDialog({name!r})", _var_data=VarData(imports={_SCRIPT: "showDialog"}))


def _script(function: str) -> rx.Var:
    return rx.Var(function, _var_data=VarData(imports={_SCRIPT: function}))
