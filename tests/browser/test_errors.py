"""Error messages on the page: the text so far stays, and the message box works."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from playwright.sync_api import expect

from chat_app.texts import CATALOGUES
from tests.app_server import AppServer
from tests.browser.chat_page import ChatPage
from tests.browser.conftest import NewVisitor, with_settings
from tests.fake_upstream import FakeUpstream

KEY_FRAGMENT = "sk-proj-1234"
with_limits = with_settings(MAX_RUNNING_ANSWERS="1", MAX_REQUESTS_PER_MINUTE_EACH="2")
RATE_LIMIT = {"error": {"message": "Slow down", "type": "requests", "code": "rate_limit_exceeded"}}


def test_a_rate_limit_says_to_wait_and_offers_to_try_again(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.fail(429, RATE_LIMIT, {"Retry-After": "60"})
    chat.ask("Hello")
    expect(chat.alert).to_contain_text("too many requests")
    expect(chat.alert).to_contain_text("60 s should be enough.")
    expect(chat.try_again_button).to_be_visible()


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


def test_try_again_answers_the_same_question(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.fail(429, RATE_LIMIT, {"Retry-After": "60"})
    chat.ask("Hello")
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


def test_an_unreachable_model_can_be_tried_again_once_it_is_back(new_visitor: NewVisitor, upstream_port: int) -> None:
    chat = new_visitor()
    chat.ask("Hello")  # no server at the model's address
    expect(chat.alert).to_contain_text("can’t be reached")
    with FakeUpstream(upstream_port):
        chat.try_again_button.click()
        expect(chat.answers).to_contain_text(["Hello from the fake upstream."])
    expect(chat.alert).to_have_count(0)


def test_an_answer_that_breaks_off_keeps_its_text(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.reset_after(2, "Once upon a time")
    chat.ask("Tell me a story")
    expect(chat.answer).to_contain_text("Once upo")
    expect(chat.answer.get_by_role("alert")).to_contain_text("broke in the middle of the answer")
    expect(chat.try_again_button).to_be_visible()


def test_a_failed_answer_has_one_alert_with_one_main_action(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.reset_after(2, "Once upon a time")
    chat.ask("Tell me a story")
    expect(chat.alert).to_have_count(1)
    expect(chat.answer.get_by_role("alert").get_by_role("button")).to_have_text(["Continue", "Try again"])
    expect(chat.answer.get_by_role("button", name="Regenerate")).to_have_count(0)


def test_an_error_is_still_there_after_a_reload(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.reset_after(2, "Once upon a time")
    chat.ask("Tell me a story")
    chat.reload()
    expect(chat.answer).to_contain_text("Once upo")
    expect(chat.alert).to_contain_text("broke in the middle of the answer")
    expect(chat.try_again_button).to_be_visible()


def test_an_answer_cut_at_the_length_limit_says_so(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.answer("A long sto", finish_reason="length")
    chat.ask("Tell me a story")
    expect(chat.answer).to_contain_text("This answer reached the length limit.")
    expect(chat.alert).to_have_count(0)


@pytest.mark.parametrize("status", [401, 429])
def test_the_next_message_works_after_an_error(chat: ChatPage, upstream: FakeUpstream, status: int) -> None:
    upstream.fail(status, RATE_LIMIT)
    chat.ask("Hello")
    expect(chat.alert).to_be_visible()
    upstream.answer("Welcome back.")
    chat.ask("Hello again")
    expect(chat.answer).to_have_text("Welcome back.")
    expect(chat.alert).to_have_count(0)


@with_limits
def test_a_full_server_returns_the_message_to_the_box(
    chat: ChatPage, new_visitor: NewVisitor, upstream: FakeUpstream
) -> None:
    upstream.hold(after=1)
    chat.say("I was first")
    assert upstream.wait_held()
    other = new_visitor()
    other.say("Me too")
    expect(other.alert).to_contain_text("Wait for one to end")
    expect(other.box).to_have_value("Me too")
    expect(other.try_again_button).to_have_count(0)
    upstream.release()
    chat.wait_until_answered()
    other.box.press("Enter")
    expect(other.answers).to_have_text(["Hello from the fake upstream."])


@with_limits
def test_a_rate_limit_returns_the_message_to_the_box(
    chat: ChatPage, new_visitor: NewVisitor, upstream: FakeUpstream
) -> None:
    chat.ask("One?")
    chat.ask("Two?")
    chat.say("Three?")
    expect(chat.alert).to_contain_text("too much in a short time")
    expect(chat.box).to_have_value("Three?")
    other = new_visitor()
    other.ask("Four?")
    expect(other.answers).to_have_text(["Hello from the fake upstream."])
    assert upstream.calls == 3


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


def test_an_answer_that_can_not_be_stored_yet_says_so_until_it_is(
    chat: ChatPage, server: AppServer, upstream: FakeUpstream
) -> None:
    upstream.answer("One. Two.", chunk_size=5)
    upstream.hold(after=1)
    chat.say("Count")
    expect(chat.answer).to_have_text("One.")
    with _without_messages(server):
        upstream.release()
        expect(chat.alert).to_have_text(CATALOGUES["en"].not_stored)
        expect(chat.answer).to_have_text("One. Two.")
    expect(chat.alert).to_have_count(0)
    chat.reload()
    expect(chat.answers).to_have_text(["One. Two."])


@contextmanager
def _without_messages(server: AppServer) -> Iterator[None]:
    """Break the database by renaming a table, and repair it afterwards."""
    _execute(server, "ALTER TABLE messages RENAME TO lost")
    try:
        yield
    finally:
        _execute(server, "ALTER TABLE lost RENAME TO messages")


def _execute(server: AppServer, statement: str) -> None:
    with closing(sqlite3.connect(server.database_url.removeprefix("sqlite:///"))) as database:
        database.execute(statement)
