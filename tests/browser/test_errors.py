"""Error messages on the page: the text so far stays, and the message box works."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from chat_app.texts import CATALOGUES
from tests.app_server import AppServer
from tests.browser.chat_page import ChatPage
from tests.browser.conftest import NewVisitor
from tests.database import execute
from tests.fake_upstream import FakeUpstream

KEY_FRAGMENT = "sk-proj-1234"
RATE_LIMIT = {"error": {"message": "Slow down", "type": "requests", "code": "rate_limit_exceeded"}}


def test_an_answer_that_failed_says_so_once_the_conversation_goes_on(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.fail(429, RATE_LIMIT)
    chat.ask("Hello")
    expect(chat.alert).to_be_visible()
    note = chat.answers.first.get_by_text("The model failed here.")
    unanswered = chat.questions.first.get_by_text("Not answered, so the model no longer sees it.")
    expect(note).to_be_hidden()
    expect(unanswered).to_be_hidden()
    chat.ask("Hello again")
    expect(note).to_be_visible()
    expect(unanswered).to_be_visible()
    assert [turn["content"] for turn in upstream.requests[-1].body["messages"]][-1:] == ["Hello again"]
    assert "Hello" not in [turn["content"] for turn in upstream.requests[-1].body["messages"]]
    chat.reload()
    expect(unanswered).to_be_visible()
    expect(chat.alert).to_have_count(0)


def test_a_rate_limit_says_how_long_to_wait_and_try_again_answers_the_same_question(
    chat: ChatPage, upstream: FakeUpstream
) -> None:
    upstream.fail(429, RATE_LIMIT, {"Retry-After": "60"})
    chat.ask("Hello")
    expect(chat.alert).to_contain_text("too many requests")
    expect(chat.alert).to_contain_text("60 s should be enough.")
    chat.try_again_button.click()
    expect(chat.answers).to_contain_text(["Hello from the fake upstream."])
    expect(chat.questions).to_have_text(["Hello"])
    expect(chat.alert).to_have_count(0)
    expect(chat.try_again_button).to_have_count(0)
    assert [turn["content"] for turn in upstream.requests[-1].body["messages"]][-1] == "Hello"


def test_a_wrong_key_names_what_to_check_and_does_not_offer_to_try_again(
    chat: ChatPage, upstream: FakeUpstream
) -> None:
    upstream.fail(401, {"error": {"message": f"Incorrect API key provided: {KEY_FRAGMENT}", "code": "invalid_api_key"}})
    chat.ask("Hello")
    expect(chat.alert).to_contain_text("OPENAI_API_KEY")
    expect(chat.try_again_button).to_have_count(0)
    assert KEY_FRAGMENT not in chat.page.content()


def test_an_answer_that_breaks_off_keeps_its_text_and_has_one_alert_also_after_a_reload(
    chat: ChatPage, upstream: FakeUpstream
) -> None:
    upstream.reset_after(2, "Once upon a time")
    chat.ask("Tell me a story")
    for _ in range(2):
        expect(chat.answer).to_contain_text("Once upo")
        expect(chat.answer.get_by_role("alert")).to_contain_text("broke in the middle of the answer")
        expect(chat.alert).to_have_count(1)
        expect(chat.alert.get_by_role("button")).to_have_text(["Continue", "Try again"])
        expect(chat.answer.get_by_role("button", name="Regenerate")).to_have_count(0)
        chat.reload()


@pytest.mark.one_worker  # to PostgreSQL, a missing table is no outage
def test_a_database_that_fails_is_said_in_the_visitors_language_and_the_message_stays(
    new_visitor: NewVisitor, server: AppServer, upstream: FakeUpstream
) -> None:
    page = new_visitor(locale="ko-KR").page
    box = page.get_by_role("textbox", name="메시지", exact=True)
    before = len(server.log)
    with _without_messages(server):
        box.fill("Hello")
        box.press("Enter")
        expect(page.get_by_role("alert")).to_have_text(CATALOGUES["ko"].errors["storage"])
        expect(box).to_have_value("Hello")
    assert "no such table" in server.log[before:]
    box.press("Enter")
    expect(page.get_by_role("article")).to_have_count(2)
    expect(page.get_by_role("alert")).to_have_count(0)


@contextmanager
def _without_messages(server: AppServer) -> Iterator[None]:
    """Break the database by renaming a table, and repair it afterwards."""
    execute(server.database_url, "ALTER TABLE messages RENAME TO lost")
    try:
        yield
    finally:
        execute(server.database_url, "ALTER TABLE lost RENAME TO messages")
