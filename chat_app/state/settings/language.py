"""Which language the page speaks."""

import reflex as rx

from chat_app.texts import CATALOGUES, DEFAULT_LANGUAGE, Catalogue, preferred_language


class LanguageState(rx.State):
    """The visitor's language.

    Attributes:
        language: A key of ``chat_app.texts.CATALOGUES``.
        chosen: The one that the visitor has chosen, kept by the browser; empty where the browser's own counts.
    """

    language: str = DEFAULT_LANGUAGE
    chosen: str = rx.LocalStorage("", name="language")

    @rx.event
    def detect(self):
        """Take the language chosen or else the browser's, and tell the browser that the page is in it."""
        is_known = _is_language(self.chosen)
        self.language = self.chosen if is_known else preferred_language(self.router.headers.accept_language)
        return rx.call_script(f"document.documentElement.lang = {self.language!r}")

    @rx.event
    def choose(self, language: str):
        """Speak this language from now on."""
        if _is_language(language):
            self.chosen = language
            return LanguageState.detect
        return None

    @property
    def _texts(self) -> Catalogue:
        return CATALOGUES[self.language]


def _is_language(value: object) -> bool:
    """Whether it is the key of a catalogue; what a browser sends or has stored may be anything."""
    return isinstance(value, str) and value in CATALOGUES
