"""The settings dialog: theme, language, and buttons to its other pages."""

from typing import Any

import reflex as rx
from reflex.style import color_mode, set_color_mode

from chat_app.components.kit.dialog import dialog, dialog_button
from chat_app.components.kit.text import text
from chat_app.components.settings.my_data import my_data_button
from chat_app.components.settings.shortcuts import shortcut_list_button
from chat_app.state.settings.language import LanguageState
from chat_app.texts import CATALOGUES


def settings() -> rx.Component:
    """The dialog with the theme, the language and the buttons of its pages."""
    return dialog(
        "settings",
        _setting(
            "theme",
            *(rx.el.option(text(f"theme_{mode}"), value=mode) for mode in ("system", "light", "dark")),
            value=color_mode,
            on_change=set_color_mode,
        ),
        _setting(
            "language",
            *(rx.el.option(texts.language_name, value=code, lang=code) for code, texts in CATALOGUES.items()),
            value=LanguageState.language,
            on_change=LanguageState.choose,
        ),
        rx.el.div(shortcut_list_button(), my_data_button(), class_name="dialog-pages"),
    )


def settings_button() -> rx.Component:
    return dialog_button("settings-2", "settings")


def _setting(name: str, *options: rx.Component, **props: Any) -> rx.Component:
    return rx.el.label(
        text(name),
        rx.el.select(*options, class_name="select", **props),
        class_name="setting",
    )
