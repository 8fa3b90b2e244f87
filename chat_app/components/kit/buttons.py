"""The kinds of buttons, each labelled with the sentence called ``name``."""

from typing import Any

import reflex as rx

from chat_app.components.kit.text import text


def icon_button(icon: str, name: str, *, size: int = 16, class_name: str = "", **props: Any) -> rx.Component:
    """A button that is an icon of ``size`` pixels, such as those below a message."""
    labels = {"aria_label": text(name), "title": text(name)}
    icon_class = f"icon-button {class_name}"
    return rx.el.button(rx.icon(icon, size=size), **{"type": "button", **labels, **props}, class_name=icon_class)


def text_button(name: str, *, class_name: str = "quiet-button", **props: Any) -> rx.Component:
    """A button with its label on it."""
    return rx.el.button(text(name), **{"type": "button", **props}, class_name=class_name)


def menu_entry(icon: str, name: str, *children: rx.Component, class_name: str = "", **props: Any) -> rx.Component:
    """An icon and a label on a line of their own, as in a menu."""
    entry_class = f"nav-link w-full {class_name}"
    return rx.el.button(rx.icon(icon, size=18), text(name), *children, type="button", class_name=entry_class, **props)
