"""The kinds of buttons there are. The sentence called ``name`` says what a button does."""

from typing import Any

import reflex as rx

from chat_app.components.kit.text import text


def icon_button(icon: str, name: str, *, size: int = 16, class_name: str = "", **props: Any) -> rx.Component:
    """A small one, such as those below a message; ``size`` is that of the icon, in pixels."""
    labels = {"aria_label": text(name), "title": text(name)}
    icon_class = f"icon-button {class_name}"
    return rx.el.button(rx.icon(icon, size=size), **{"type": "button", **labels, **props}, class_name=icon_class)


def text_button(name: str, *, class_name: str = "quiet-button", **props: Any) -> rx.Component:
    """One with its name on it."""
    return rx.el.button(text(name), **{"type": "button", **props}, class_name=class_name)


def menu_entry(icon: str, name: str, *children: rx.Component, class_name: str = "", **props: Any) -> rx.Component:
    """One that takes a whole line, among others."""
    entry_class = f"nav-link w-full {class_name}"
    return rx.el.button(rx.icon(icon, size=18), text(name), *children, type="button", class_name=entry_class, **props)
