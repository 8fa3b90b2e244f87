"""The app's sentences in components, in the visitor's language."""

import reflex as rx

from chat_app.state.settings.language import LanguageState
from chat_app.texts import CATALOGUES


def text(name: str) -> rx.vars.StringVar:
    """The sentence called ``name``, a field of ``chat_app.texts.Catalogue``."""
    return rx.Var.create({language: getattr(texts, name) for language, texts in CATALOGUES.items()})[
        LanguageState.language
    ].to(str)
