"""Stopping an answer."""

import pytest
from playwright.sync_api import expect

from tests.browser.chat_page import ChatPage
from tests.fake_upstream import FakeUpstream

pytestmark = pytest.mark.across_workers

WITHIN_A_SECOND = 1.0


def test_stop_closes_the_connection_to_the_model_and_keeps_the_text_also_after_a_reload(
    chat: ChatPage, upstream: FakeUpstream
) -> None:
    upstream.answer("Once upon a time there was no end to it.", chunk_size=16)
    upstream.hold(after=1)
    chat.say("Tell me a story")
    expect(chat.answer).to_have_text("Once upon a time")
    chat.stop_button.click()
    assert upstream.wait_closed(WITHIN_A_SECOND)
    for _ in range(2):
        expect(chat.answer).to_contain_text("Once upon a time")
        expect(chat.answer).to_contain_text("You stopped this answer.")
        expect(chat.alert).to_have_count(0)
        chat.wait_until_answered()
        chat.reload()
    upstream.release()
    chat.ask("Something shorter, please")
    expect(chat.answer).to_have_text("Hello from the fake upstream.")
