"""The page's language."""

import reflex as rx

from chat_app.texts import CATALOGUES, DEFAULT_LANGUAGE, Catalogue, preferred_language


class LanguageState(rx.State):
    """The visitor's language.

    Attributes:
        language: A key of ``chat_app.texts.CATALOGUES``.
        chosen: The visitor's choice, stored by the browser; empty to follow the browser's settings.
    """

    language: str = DEFAULT_LANGUAGE
    chosen: str = rx.LocalStorage("", name="language")

    @rx.event
    def detect(self):
        """Use the chosen language, or else the browser's, and declare it in the page's ``lang``."""
        is_known = _is_language(self.chosen)
        self.language = self.chosen if is_known else preferred_language(self.router.headers.accept_language)
        return rx.call_script(f"document.documentElement.lang = {self.language!r}")

    @rx.event
    def choose(self, language: str):
        """Choose a language."""
        if _is_language(language):
            self.chosen = language
            return LanguageState.detect
        return None

    @property
    def _texts(self) -> Catalogue:
        return CATALOGUES[self.language]


def _is_language(value: object) -> bool:
    """Return True for the key of a catalogue. Values from a browser may be anything."""
    return isinstance(value, str) and value in CATALOGUES
