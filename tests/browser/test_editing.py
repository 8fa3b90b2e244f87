"""The editor of a visitor's message."""

import pytest
from playwright.sync_api import expect

from tests.browser.chat_page import ChatPage
from tests.browser.conftest import on_a_phone
from tests.fake_upstream import FakeUpstream

pytestmark = pytest.mark.across_workers


def test_the_editor_begins_with_the_message_and_the_cursor_at_its_end(chat: ChatPage) -> None:
    chat.ask("Name a colour")
    chat.edit_button.click()
    expect(chat.editor).to_be_focused()
    chat.page.keyboard.type(" and a shape")
    expect(chat.editor).to_have_value("Name a colour and a shape")
    chat.page.keyboard.press("Enter")
    expect(chat.questions).to_contain_text(["Name a colour and a shape"])
    expect(chat.editor).to_have_count(0)


@on_a_phone
def test_the_whole_editor_comes_into_view(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.answer("A line.\n\n" * 40, chunk_size=100)
    chat.ask("Name a colour")
    chat.wait_until_at_end()
    chat.box.press("ArrowUp")
    expect(chat.editor).to_be_focused()
    expect(chat.questions.last.get_by_role("button", name="Send", exact=True)).to_be_in_viewport(ratio=1)
    expect(chat.editor).to_be_in_viewport(ratio=1)


def test_sending_an_edited_message_focuses_the_message_box(chat: ChatPage, upstream: FakeUpstream) -> None:
    chat.ask("Name a colour")
    chat.edit_button.click()
    chat.editor.fill("Name an animal")
    chat.questions.last.get_by_role("button", name="Send", exact=True).click()
    expect(chat.questions).to_contain_text(["Name an animal"])
    expect(chat.box).to_be_focused()
    assert upstream.wait_calls(2)


def test_escape_and_cancel_discard_the_edited_text_and_escape_focuses_the_edit_button(
    chat: ChatPage, upstream: FakeUpstream
) -> None:
    chat.ask("Name a colour")
    chat.edit_button.click()
    chat.editor.fill("Name an animal")
    chat.page.keyboard.press("Escape")
    expect(chat.editor).to_have_count(0)
    expect(chat.questions).to_have_text(["Name a colour"])
    expect(chat.edit_button).to_be_focused()
    chat.edit_button.click()
    expect(chat.editor).to_have_value("Name a colour")
    chat.editor.fill("Name an animal")
    chat.page.get_by_role("button", name="Cancel", exact=True).click()
    expect(chat.questions).to_have_text(["Name a colour"])
    assert upstream.calls == 1


def test_escape_in_the_editor_does_not_stop_an_answer(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.hold(after=1)
    chat.say("Name a colour")
    expect(chat.stop_button).to_be_visible()
    chat.edit_button.click()
    expect(chat.editor).to_be_focused()
    chat.page.keyboard.press("Escape")
    expect(chat.editor).to_have_count(0)
    upstream.release()
    expect(chat.answer).to_have_text("Hello from the fake upstream.")


def test_the_up_arrow_in_an_empty_box_edits_the_last_message(chat: ChatPage) -> None:
    chat.ask("Name a colour")
    chat.ask("Name an animal")
    chat.box.press("ArrowUp")
    expect(chat.editor).to_have_value("Name an animal")
    expect(chat.editor).to_be_focused()
    chat.page.keyboard.press("Escape")
    expect(chat.box).to_be_focused()


def test_the_up_arrow_in_a_draft_moves_the_cursor(chat: ChatPage) -> None:
    chat.ask("Name a colour")
    chat.box.fill("One\nTwo")
    chat.box.press("ArrowUp")
    expect(chat.editor).to_have_count(0)
    chat.page.keyboard.type("!")
    expect(chat.box).to_have_value("One!\nTwo")


def test_an_edited_message_stays_in_the_editor_while_an_answer_is_written(
    chat: ChatPage, upstream: FakeUpstream
) -> None:
    upstream.hold(after=1)
    chat.say("Name a colour")
    expect(chat.stop_button).to_be_visible()
    chat.edit_button.click()
    chat.editor.fill("Name an animal")
    chat.editor.press("Enter")
    expect(chat.alert).to_contain_text("still being written")
    expect(chat.editor).to_have_value("Name an animal")
    upstream.release()
    chat.wait_until_answered()
    chat.editor.press("Enter")
    expect(chat.questions).to_contain_text(["Name an animal"])


def test_shift_enter_in_the_editor_breaks_the_line_and_blanks_are_not_sent(
    chat: ChatPage, upstream: FakeUpstream
) -> None:
    chat.ask("One")
    chat.edit_button.click()
    chat.editor.press("Shift+Enter")
    chat.page.keyboard.type("Two")
    expect(chat.editor).to_have_value("One\nTwo")
    chat.editor.fill(" \n ")
    chat.editor.press("Enter")
    chat.questions.last.get_by_role("button", name="Send", exact=True).click()
    expect(chat.editor).to_be_visible()
    assert upstream.calls == 1
