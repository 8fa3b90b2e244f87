"""Continuing an answer that was stopped or cut off."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.chat_page import ChatPage
from tests.fake_upstream import FakeUpstream

pytestmark = pytest.mark.across_workers


def test_a_stopped_answer_is_continued_where_it_ended(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.answer("Once upon a time there was no end to it.", chunk_size=16)
    upstream.hold(after=1)
    chat.say("Tell me a story")
    expect(chat.answer).to_have_text("Once upon a time")
    chat.stop_button.click()
    expect(chat.answer).to_contain_text("You stopped this answer.")
    upstream.release()
    upstream.answer(" there was a cat.")
    _continue_button(chat).click()
    expect(chat.answer.get_by_role("paragraph")).to_have_text(["Once upon a time there was a cat."])
    chat.wait_until_answered()
    expect(_continue_button(chat)).to_have_count(0)
    *_, said, _ = [turn["content"] for turn in upstream.requests[-1].body["messages"]]
    assert said == "Once upon a time"
    chat.reload()
    expect(chat.answer).to_contain_text("Once upon a time there was a cat.")


def test_an_answer_at_the_length_limit_can_be_continued(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.answer("One, two,", finish_reason="length")
    chat.ask("Count to four")
    expect(chat.answer).to_contain_text("This answer reached the length limit.")
    expect(chat.alert).to_have_count(0)
    upstream.answer(" three, four.")
    _continue_button(chat).click()
    expect(chat.answer).to_contain_text("One, two, three, four.")
    chat.wait_until_answered()
    expect(chat.answer).not_to_contain_text("length limit")


def test_a_continued_answer_keeps_its_text_until_more_comes(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.answer("One, two,", finish_reason="length")
    chat.ask("Count to four")
    upstream.hold(after=0)
    _continue_button(chat).click()
    expect(chat.stop_button).to_be_visible()
    expect(chat.answer.get_by_role("paragraph")).to_have_text(["One, two,"])
    expect(chat.box).to_be_focused()
    upstream.release()
    chat.wait_until_answered()


def test_a_complete_answer_has_no_continue_button(chat: ChatPage) -> None:
    chat.ask("Hello")
    expect(_continue_button(chat)).to_have_count(0)


def _continue_button(chat: ChatPage) -> Locator:
    return chat.answer.get_by_role("button", name="Continue", exact=True)
