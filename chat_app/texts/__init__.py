"""Texts of the page and the API, one catalogue for each language.

Texts for the log are no part of it: they are in English, in the code that logs them.
"""

from chat_app.texts.catalogue import Catalogue
from chat_app.texts.english import ENGLISH
from chat_app.texts.korean import KOREAN

CATALOGUES: dict[str, Catalogue] = {"en": ENGLISH, "ko": KOREAN}
DEFAULT_LANGUAGE = "en"

__all__ = ["CATALOGUES", "DEFAULT_LANGUAGE", "Catalogue", "preferred_language"]


def preferred_language(accept_language: str) -> str:
    """The first language of an ``Accept-Language`` header with a catalogue; browsers sort them (RFC 9110, 12.5.4)."""
    for item in accept_language.lower().split(","):
        language = item.split(";")[0].strip().split("-")[0]
        if language in CATALOGUES:
            return language
    return DEFAULT_LANGUAGE
