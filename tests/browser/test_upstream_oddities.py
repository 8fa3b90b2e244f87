"""Failures of the model or of the way to it, which the page explains as ``/stream`` does."""

from playwright.sync_api import expect

from chat_app.texts import CATALOGUES
from tests.browser.chat_page import ChatPage
from tests.fake_upstream import FakeUpstream
from tests.oddities import BEFORE_THE_FIRST_WORD, DONE, HI, IN_THE_MIDDLE

SENTENCES = CATALOGUES["en"].errors


def test_a_failure_before_the_first_word_is_explained(chat: ChatPage, upstream: FakeUpstream) -> None:
    for name, (plan, code, _) in BEFORE_THE_FIRST_WORD.items():
        plan(upstream)
        chat.ask(name)
        expect(chat.alert).to_contain_text(SENTENCES[code])
        assert "secret" not in chat.page.content()


def test_a_failure_in_the_middle_keeps_the_text(chat: ChatPage, upstream: FakeUpstream) -> None:
    for number, (code, ending) in enumerate(IN_THE_MIDDLE):
        upstream.raw_lines([HI, "", ending, "", DONE, ""])
        chat.ask(f"Number {number}")
        expect(chat.alert).to_contain_text(SENTENCES[code])
        expect(chat.answers.last).to_contain_text("Hi")
        assert "secret" not in chat.page.content()


def test_reasoning_between_think_tags_is_folded(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.answer("<think>\nTwo and two.\n</think>\n\nIt is **4**.", chunk_size=3)
    chat.ask("2+2?")
    expect(chat.answers.last).to_contain_text("It is 4.")
    expect(chat.answers.last.get_by_text("Two and two.")).to_be_hidden()
    expect(chat.answers.last).not_to_contain_text("think>")
