"""Stopping an answer."""

from playwright.sync_api import expect

from tests.browser.chat_page import ChatPage
from tests.fake_upstream import FakeUpstream

WITHIN_A_SECOND = 1.0


def test_stop_closes_the_connection_to_the_model_and_keeps_the_text(chat: ChatPage, upstream: FakeUpstream) -> None:
    _start(chat, upstream)
    chat.stop_button.click()
    assert upstream.wait_closed(WITHIN_A_SECOND)
    expect(chat.answer).to_contain_text("Once upon a time")
    expect(chat.answer).to_contain_text("You stopped this answer.")
    expect(chat.alert).to_have_count(0)


def test_a_stopped_answer_still_says_so_after_a_reload(chat: ChatPage, upstream: FakeUpstream) -> None:
    _start(chat, upstream)
    chat.stop_button.click()
    chat.wait_until_answered()
    chat.reload()
    expect(chat.answer).to_contain_text("Once upon a time")
    expect(chat.answer).to_contain_text("You stopped this answer.")


def test_the_next_message_works_after_a_stop(chat: ChatPage, upstream: FakeUpstream) -> None:
    _start(chat, upstream)
    chat.stop_button.click()
    chat.wait_until_answered()
    upstream.release()
    chat.ask("Something shorter, please")
    expect(chat.answer).to_have_text("Hello from the fake upstream.")


def test_stop_works_before_the_first_word(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.silent()
    chat.say("Hello?")
    assert upstream.wait_calls(1)
    chat.stop_button.click()
    assert upstream.wait_closed(WITHIN_A_SECOND)
    expect(chat.answer).to_have_text("You stopped this answer.")


def test_an_answer_is_stopped_from_another_tab(chat: ChatPage, upstream: FakeUpstream) -> None:
    _start(chat, upstream)
    other = chat.open_second_tab()
    other.stop_button.click()
    assert upstream.wait_closed(WITHIN_A_SECOND)
    for tab in (chat, other):
        expect(tab.answer).to_contain_text("You stopped this answer.")
        tab.wait_until_answered()


def _start(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.answer("Once upon a time there was no end to it.", chunk_size=16)
    upstream.hold(after=1)
    chat.say("Tell me a story")
    expect(chat.answer).to_have_text("Once upon a time")
