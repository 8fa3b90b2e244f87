"""Conversations that are longer than the model's context."""

from playwright.sync_api import expect

from tests.browser.chat_page import ChatPage
from tests.fake_upstream import FakeUpstream

REFUSAL = {"error": {"message": "maximum context length is 8192 tokens", "code": "context_length_exceeded"}}


def test_the_page_says_once_from_where_on_the_earliest_messages_are_not_sent(chat: ChatPage, upstream: FakeUpstream):
    notices = chat.answers.get_by_text("its earliest messages are no longer sent to the model").filter(visible=True)
    chat.ask("One")
    chat.ask("Two")
    for question in ("Three", "Four"):
        upstream.fail(400, REFUSAL)
        chat.ask(question)
        expect(notices).to_have_count(1)
        expect(chat.answers.nth(2)).to_contain_text("no longer sent")
        expect(chat.alert).to_have_count(0)
    chat.reload()
    expect(notices).to_have_count(1)
    sent = [message["content"] for message in upstream.requests[-1].body["messages"] if message["role"] == "user"]
    assert "One" not in sent
    assert sent[-1] == "Four"
