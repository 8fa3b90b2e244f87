"""Reasoning, details, rating and buttons of an answer."""

import re

from playwright.sync_api import Locator, expect

from tests.browser.chat_page import ChatPage
from tests.browser.conftest import on_a_phone
from tests.fake_upstream import FakeUpstream, chunk

THOUGHTS = "First I weigh both sides."


def test_reasoning_is_folded_and_says_how_long_it_took(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.answer("Yes.", reasoning=THOUGHTS)
    chat.ask("Is it so?")
    summary = chat.answer.get_by_text(re.compile(r"^Thought for \d+\.\d s$"))
    expect(summary).to_be_visible()
    expect(chat.answer.get_by_text(THOUGHTS)).to_be_hidden()
    summary.click()
    expect(chat.answer.get_by_text(THOUGHTS)).to_be_visible()
    chat.reload()
    expect(summary).to_be_visible()


def test_reasoning_can_be_read_while_it_streams(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.answer("Yes, it is.", reasoning=THOUGHTS, chunk_size=len(THOUGHTS))  # a piece of each
    upstream.hold(after=1)
    chat.say("Is it so?")
    expect(chat.answer.get_by_text(THOUGHTS)).to_be_attached()
    expect(chat.answer.get_by_text(THOUGHTS)).to_be_hidden()
    chat.answer.get_by_text("Thinking…").click()
    expect(chat.answer.get_by_text(THOUGHTS)).to_be_visible()
    upstream.hold(after=2)
    expect(chat.answer.get_by_text(re.compile("^Thought for"))).to_be_visible()
    expect(chat.answer.get_by_text(THOUGHTS)).to_be_visible()
    expect(chat.stop_button).to_be_visible()


@on_a_phone
def test_the_details_of_an_answer_show_model_tokens_and_seconds(chat: ChatPage) -> None:
    chat.ask("Hello")
    button = _button(chat, "Details")
    button.click()
    details = chat.answer.get_by_role("dialog", name="Details")
    expect(details).to_have_text(
        re.compile(r"Model\s*fake-model\s*Tokens read\s*11\s*Tokens written\s*7\s*Seconds\s*\d")
    )
    expect(details).to_be_in_viewport(ratio=1)
    chat.page.keyboard.press("Escape")
    expect(details).to_be_hidden()
    expect(button).to_be_focused()
    chat.reload()
    _button(chat, "Details").click()
    expect(details).to_contain_text("fake-model")


def test_an_answer_is_rated_and_the_rating_is_kept(chat: ChatPage) -> None:
    chat.ask("Hello")
    expect(_button(chat, "Good answer")).to_have_attribute("aria-pressed", "false")
    _button(chat, "Good answer").click()
    expect(_button(chat, "Good answer")).to_have_attribute("aria-pressed", "true")
    _button(chat, "Bad answer").click()
    expect(_button(chat, "Bad answer")).to_have_attribute("aria-pressed", "true")
    expect(_button(chat, "Good answer")).to_have_attribute("aria-pressed", "false")
    chat.reload()
    expect(_button(chat, "Bad answer")).to_have_attribute("aria-pressed", "true")
    _button(chat, "Bad answer").click()
    expect(_button(chat, "Bad answer")).to_have_attribute("aria-pressed", "false")
    chat.reload()
    expect(_button(chat, "Bad answer")).to_have_attribute("aria-pressed", "false")


@on_a_phone
def test_a_rating_can_have_a_comment(chat: ChatPage) -> None:
    chat.ask("Hello")
    expect(_button(chat, "Comment")).to_have_count(0)
    _button(chat, "Bad answer").click()
    _button(chat, "Comment").click()
    field = chat.answer.get_by_role("textbox", name="What was good or bad about it?")
    expect(field).to_be_focused()
    expect(chat.answer.get_by_role("dialog", name="Comment")).to_be_in_viewport(ratio=1)
    chat.page.keyboard.type("Too short")
    chat.page.keyboard.press("Enter")
    expect(field).to_be_hidden()
    expect(_button(chat, "Comment")).to_have_attribute("aria-pressed", "true")
    chat.reload()
    _button(chat, "Comment").click()
    expect(field).to_have_value("Too short")


def test_questions_and_answers_are_copied_as_their_markdown(chat: ChatPage, upstream: FakeUpstream) -> None:
    chat.allow_clipboard()
    upstream.answer("**Bold** and `code`")
    chat.ask("Hello **there**")
    for message, markdown in ((chat.questions.first, "Hello **there**"), (chat.answer, "**Bold** and `code`")):
        message.get_by_role("button", name="Copy", exact=True).click()
        expect(message.get_by_role("status")).to_have_text("Copied")
        assert chat.clipboard() == markdown


def test_an_answer_does_not_move_when_its_buttons_appear(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.answer("One. Two. Three.", chunk_size=5)
    upstream.hold(after=3)
    chat.say("Count to three")
    expect(chat.answer).to_contain_text("One. Two. Three")
    before = chat.answer.bounding_box()
    upstream.release()
    expect(_button(chat, "Copy")).to_be_visible()
    chat.wait_until_answered()
    assert chat.answer.bounding_box() == before


def _button(chat: ChatPage, name: str) -> Locator:
    return chat.answer.get_by_role("button", name=name, exact=True)


def test_reasoning_and_text_are_shown_in_the_order_in_which_they_came(chat: ChatPage, upstream: FakeUpstream) -> None:
    deltas = [{"reasoning_content": "One?"}, {"content": "First."}, {"reasoning_content": "Two?"}, {"content": "Then."}]
    upstream.answer_chunks([*map(chunk, deltas), chunk({}, "stop")])
    upstream.hold(after=4)
    chat.say("Count")
    order = re.compile(r"One\?.*First\..*Two\?.*Then\.", re.DOTALL)
    expect(chat.answer.locator("details")).to_have_count(2)
    expect(chat.answer).to_contain_text(order)
    upstream.release()
    chat.wait_until_answered()
    chat.reload()
    expect(chat.answer.locator("details")).to_have_count(2)
    expect(chat.answer).to_contain_text(order)
