"""The app's sentences in components, in the visitor's language."""

from collections.abc import Iterable

import reflex as rx

from chat_app.state.settings.language import LanguageState
from chat_app.texts import CATALOGUES


def text(name: str) -> rx.vars.StringVar:
    """The sentence called ``name``, a field of ``chat_app.texts.Catalogue``."""
    return rx.Var.create({language: getattr(texts, name) for language, texts in CATALOGUES.items()})[
        LanguageState.language
    ].to(str)


def text_of(name: rx.Var[str], names: Iterable[str]) -> rx.vars.StringVar:
    """The sentence called ``name``, which is known on the page only and is one of ``names``."""
    return rx.Var.create({each: text(each) for each in names})[name].to(str)
