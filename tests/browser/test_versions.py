"""Versions of a message by regenerating and editing, and the branches that they make."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.chat_page import ChatPage
from tests.browser.conftest import on_a_phone
from tests.fake_upstream import FakeUpstream

pytestmark = pytest.mark.across_workers


def test_buttons_page_through_the_regenerated_versions_of_an_answer(chat: ChatPage, upstream: FakeUpstream) -> None:
    _ask(chat, upstream, "Name a colour", "Red.")
    expect(_pager(chat.answer)).to_have_count(0)
    _regenerate(chat, upstream, "Green.")
    _regenerate(chat, upstream, "Blue.")
    expect(chat.questions).to_have_text(["Name a colour"])
    expect(_pager(chat.answer)).to_contain_text("3 / 3")
    assert [turn["content"] for turn in upstream.requests[-1].body["messages"]][-1] == "Name a colour"
    _press(chat.answer, "Previous version")
    expect(chat.answer).to_contain_text("Green.")
    expect(_pager(chat.answer)).to_contain_text("2 / 3")
    _press(chat.answer, "Previous version")
    expect(chat.answer).to_contain_text("Red.")
    expect(_pager(chat.answer)).to_contain_text("1 / 3")
    expect(_button(chat.answer, "Previous version")).to_be_disabled()
    _press(chat.answer, "Next version")
    expect(chat.answer).to_contain_text("Green.")


def test_the_focus_stays_on_the_button_that_regenerates_or_pages(chat: ChatPage, upstream: FakeUpstream) -> None:
    _ask(chat, upstream, "Name a colour", "Red.")
    _button(chat.answer, "Regenerate").press("Enter")
    expect(chat.answer).to_contain_text("Hello from the fake upstream.")
    chat.wait_until_answered()
    expect(_button(chat.answer, "Regenerate")).to_be_focused()
    _button(chat.answer, "Previous version").press("Enter")
    expect(chat.answer).to_contain_text("Red.")
    expect(_button(chat.answer, "Previous version")).to_be_focused()


def test_pressing_regenerate_twice_answers_once(chat: ChatPage, upstream: FakeUpstream) -> None:
    _ask(chat, upstream, "Name a colour", "Red.")
    _button(chat.answer, "Regenerate").dblclick()
    expect(chat.answer).to_contain_text("Hello from the fake upstream.")
    chat.wait_until_answered()
    expect(_pager(chat.answer)).to_contain_text("2 / 2")
    expect(chat.alert).to_have_count(0)
    assert upstream.calls == 2


def test_an_edited_message_starts_another_branch(chat: ChatPage, upstream: FakeUpstream) -> None:
    _ask(chat, upstream, "Name a colour", "Red.")
    _ask(chat, upstream, "And another", "Blue.")
    _edit(chat, upstream, 0, "Name an animal", "A cat.")
    expect(chat.questions).to_contain_text(["Name an animal"])
    expect(chat.answers).to_contain_text(["A cat."])
    expect(_pager(chat.questions.first)).to_contain_text("2 / 2")
    _press(chat.questions.first, "Previous version")
    expect(chat.questions).to_contain_text(["Name a colour", "And another"])
    expect(chat.answers).to_contain_text(["Red.", "Blue."])


@on_a_phone
def test_the_buttons_of_messages_fit_the_window(chat: ChatPage, upstream: FakeUpstream) -> None:
    _ask(chat, upstream, "Name a colour", "Red.")
    _regenerate(chat, upstream, "Blue.")
    _press(chat.answer, "Bad answer")
    viewport = chat.page.viewport_size
    assert viewport
    expect(_button(chat.answer, "Comment")).to_be_visible()
    for button in chat.conversation.get_by_role("button").all():
        box = button.bounding_box()
        if box:
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= viewport["width"]


def _ask(chat: ChatPage, upstream: FakeUpstream, question: str, answer: str) -> None:
    upstream.answer(answer)
    chat.say(question)
    expect(chat.questions.last).to_contain_text(question)
    expect(chat.answer).to_contain_text(answer)
    chat.wait_until_answered()


def _regenerate(chat: ChatPage, upstream: FakeUpstream, answer: str) -> None:
    upstream.answer(answer)
    _press(chat.answer, "Regenerate")
    expect(chat.answer).to_contain_text(answer)
    chat.wait_until_answered()


def _edit(chat: ChatPage, upstream: FakeUpstream, index: int, text: str, answer: str) -> None:
    upstream.answer(answer)
    _press(chat.questions.nth(index), "Edit")
    chat.editor.fill(text)
    chat.editor.press("Enter")
    expect(chat.answer).to_contain_text(answer)
    chat.wait_until_answered()


def _press(message: Locator, name: str) -> None:
    message.hover()
    _button(message, name).click()


def _button(message: Locator, name: str) -> Locator:
    return message.get_by_role("button", name=name, exact=True)


def _pager(message: Locator) -> Locator:
    return message.get_by_role("group", name="Versions", exact=True)
