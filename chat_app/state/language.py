"""Which language the page speaks."""

import reflex as rx

from chat_app.texts import CATALOGUES, DEFAULT_LANGUAGE, Catalogue, preferred_language


class LanguageState(rx.State):
    """The visitor's language, a key of ``chat_app.texts.CATALOGUES``."""

    language: str = DEFAULT_LANGUAGE

    @rx.event
    def detect(self):
        """Take the browser's language, and tell the browser that the page is in it."""
        self.language = preferred_language(self.router.headers.accept_language)
        return rx.call_script(f"document.documentElement.lang = {self.language!r}")

    @property
    def _texts(self) -> Catalogue:
        return CATALOGUES[self.language]
