"""Catalogues: completeness and placeholders in every language."""

import re
from dataclasses import fields

import pytest

from chat_app.models.errors import ChatError
from chat_app.texts import CATALOGUES, DEFAULT_LANGUAGE, Catalogue, preferred_language


def sentences(catalogue: Catalogue) -> dict[str, str]:
    """All texts, by the path of their field."""
    values = {field.name: getattr(catalogue, field.name) for field in fields(catalogue)}
    found: dict[str, str] = {}
    for name, value in values.items():
        several = (
            value if isinstance(value, dict) else dict(enumerate(value)) if isinstance(value, tuple) else {"": value}
        )
        found |= {f"{name}{key}": text for key, text in several.items()}
    return found


def codes(kind: type[ChatError]) -> set[str]:
    return {kind.code}.union(*(codes(child) for child in kind.__subclasses__()))


@pytest.mark.parametrize("language", CATALOGUES)
class TestCatalogue:
    def test_every_error_has_a_sentence_and_every_sentence_an_error(self, language: str):
        assert codes(ChatError) == CATALOGUES[language].errors.keys()

    def test_no_sentence_is_empty_or_has_space_around_it(self, language: str):
        assert {
            name: text for name, text in sentences(CATALOGUES[language]).items() if text != text.strip() or not text
        } == {}

    def test_every_language_has_the_sentences_of_the_default_one(self, language: str):
        assert sentences(CATALOGUES[language]).keys() == sentences(CATALOGUES[DEFAULT_LANGUAGE]).keys()

    def test_every_language_fills_in_the_same_things(self, language: str):
        def filled_in(catalogue: Catalogue) -> dict[str, list[str]]:
            return {name: sorted(re.findall(r"{\w*}", text)) for name, text in sentences(catalogue).items()}

        assert filled_in(CATALOGUES[language]) == filled_in(CATALOGUES[DEFAULT_LANGUAGE])

    def test_sentences_name_the_variables_to_set(self, language: str):
        def variables(catalogue: Catalogue) -> dict[str, list[str]]:
            return {name: re.findall(r"[A-Z]+_[A-Z_]+", text) for name, text in sentences(catalogue).items()}

        assert variables(CATALOGUES[language]) == variables(CATALOGUES[DEFAULT_LANGUAGE])


def test_the_names_that_people_and_tests_rely_on_stay():
    english = CATALOGUES["en"]
    names = (english.message, english.send, english.stop, english.conversation, english.you, english.assistant)
    assert names == ("Message", "Send", "Stop", "Conversation", "You", "Assistant")
    names = (english.try_again, english.copy, english.latest_messages, english.conversations, english.new_chat)
    assert names == ("Try again", "Copy", "Latest messages", "Conversations", "New chat")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", "ko"),
        ("en-GB,en;q=0.9,ko;q=0.8", "en"),
        ("fr-FR, fr;q=0.9, ko;q=0.8", "ko"),
        ("KO", "ko"),
        ("fr", "en"),
        ("*", "en"),
        ("", "en"),
        (",;,-", "en"),
    ],
)
def test_the_language_is_the_first_of_the_readers_that_there_is(header: str, language: str):
    assert preferred_language(header) == language
