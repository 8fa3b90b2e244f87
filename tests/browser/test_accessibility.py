"""Roles, accessible names, focus and keyboard operation."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chat_page import ChatPage
from tests.fake_upstream import FakeUpstream


def test_messages_boxes_buttons_and_links_have_their_accessible_names_and_states(
    chat: ChatPage, upstream: FakeUpstream
) -> None:
    upstream.hold(after=1)
    chat.say("Hello")
    expect(chat.conversation).to_have_attribute("aria-live", "polite")
    expect(chat.conversation.get_by_role("article")).to_have_count(2)
    expect(chat.questions).to_have_count(1)
    expect(chat.answers).to_have_count(1)
    expect(chat.stop_button).to_be_visible()
    expect(chat.conversation).to_have_attribute("aria-busy", "true")
    upstream.release()
    expect(chat.conversation).to_have_attribute("aria-busy", "false")
    expect(chat.answer.get_by_role("button", name="Copy", exact=True)).to_be_visible()
    expect(chat.send_button).to_be_visible()
    expect(chat.box).to_be_visible()
    expect(chat.new_chat_link).to_be_visible()
    expect(chat.conversation_link("Hello")).to_have_attribute("aria-current", "page")


def test_the_box_has_the_focus_from_the_start(chat: ChatPage) -> None:
    expect(chat.box).to_be_focused()


def test_the_focus_returns_to_the_box_after_sending_with_the_button_and_in_a_new_chat(chat: ChatPage) -> None:
    chat.box.fill("Hello")
    chat.send_button.click()
    expect(chat.answers).to_have_count(1)
    expect(chat.box).to_be_focused()
    chat.wait_until_answered()
    chat.new_chat_link.click()
    expect(chat.questions).to_have_count(0)
    expect(chat.box).to_be_focused()


def test_the_focus_returns_to_the_box_after_a_stop(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.hold(after=1)
    chat.say("Hello")
    chat.stop_button.click()
    chat.wait_until_answered()
    expect(chat.box).to_be_focused()


def test_the_focus_returns_to_the_box_after_trying_again(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.fail(429, {}, {"Retry-After": "60"})
    chat.ask("Hello")
    chat.try_again_button.click()
    expect(chat.answer).to_contain_text("Hello from the fake upstream.")
    expect(chat.box).to_be_focused()


def test_the_focus_moves_to_the_box_when_a_suggestion_is_chosen(chat: ChatPage) -> None:
    chat.page.get_by_role("button", name="How do vaccines work?").click()
    expect(chat.questions).to_have_text(["How do vaccines work?"])
    expect(chat.box).to_be_focused()


def test_the_focus_stays_where_it_is_when_an_answer_ends(chat: ChatPage, upstream: FakeUpstream) -> None:
    chat.ask("Hello")
    upstream.hold(after=1)
    chat.say("And then")
    expect(chat.answer).to_have_text("Hell")
    copy = chat.answers.first.get_by_role("button", name="Copy", exact=True)
    copy.focus()
    upstream.release()
    chat.wait_until_answered()
    expect(copy).to_be_focused()


def test_asking_stopping_retrying_and_switching_work_with_the_keyboard_alone(
    chat: ChatPage, upstream: FakeUpstream
) -> None:
    keyboard = chat.page.keyboard
    upstream.hold(after=1)
    keyboard.type("Hello")
    keyboard.press("Enter")
    expect(chat.answer).to_have_text("Hell")

    _tab_to(chat.page, "Stop")
    keyboard.press("Enter")
    expect(chat.answer).to_contain_text("You stopped this answer.")
    chat.wait_until_answered()
    upstream.release()

    upstream.fail(429, {}, {"Retry-After": "60"})
    keyboard.type("Again")
    keyboard.press("Enter")
    expect(chat.alert).to_be_visible()
    _tab_to(chat.page, "Try again", backwards=True)
    keyboard.press("Enter")
    expect(chat.answer).to_contain_text("Hello from the fake upstream.")

    _tab_to(chat.page, "New chat", backwards=True)
    keyboard.press("Enter")
    expect(chat.questions).to_have_count(0)
    _tab_to(chat.page, "Hello", backwards=True)
    keyboard.press("Enter")
    expect(chat.questions).to_have_text(["Hello", "Again"])


def test_the_first_tab_stop_skips_to_the_message_box(chat: ChatPage) -> None:
    _tab_to(chat.page, "Skip to message box", backwards=True)
    link = chat.page.get_by_role("link", name="Skip to message box")
    expect(link).to_be_in_viewport()
    chat.page.keyboard.press("Enter")
    expect(chat.box).to_be_focused()


@pytest.mark.parametrize("name", ["Send", "New chat"])
def test_the_focused_control_has_an_outline(chat: ChatPage, name: str) -> None:
    chat.box.fill("Hello")
    _tab_to(chat.page, name, backwards=name == "New chat")
    expect(chat.page.locator(":focus")).to_have_css("outline-style", "solid")


def _tab_to(page: Page, name: str, *, backwards: bool = False) -> None:
    """Press Tab until the element with this name has the focus."""
    for _ in range(30):
        if _focused_name(page) == name:
            return
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
    raise AssertionError(f"the keyboard doesn't reach {name!r}")


def _focused_name(page: Page) -> str:
    found = re.search(r'"(.*)"', page.locator(":focus").aria_snapshot()) if page.locator(":focus").count() else None
    return found[1] if found else ""
