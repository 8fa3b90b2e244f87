"""Keyboard shortcuts that work wherever the focus is; those of search and editor are tested there."""

from playwright.sync_api import expect

from tests.browser.chat_page import CONVERSATION_ADDRESS, ChatPage
from tests.fake_upstream import FakeUpstream


def test_control_shift_o_begins_a_new_chat(chat: ChatPage) -> None:
    chat.ask("Hello")
    expect(chat.page).to_have_url(CONVERSATION_ADDRESS)
    chat.page.keyboard.press("Control+Shift+O")
    expect(chat.page).to_have_url(f"{chat.url}/")
    expect(chat.questions).to_have_count(0)


def test_shift_escape_goes_to_the_message_box(chat: ChatPage) -> None:
    chat.box.blur()
    expect(chat.box).not_to_be_focused()
    chat.page.keyboard.press("Shift+Escape")
    expect(chat.box).to_be_focused()


def test_escape_stops_the_answer(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.hold(after=1)
    chat.say("Hello")
    assert upstream.wait_held()
    expect(chat.stop_button).to_be_visible()
    chat.page.keyboard.press("Escape")
    assert upstream.wait_closed()
    chat.wait_until_answered()
    expect(chat.answer).to_contain_text("You stopped this answer.")


def test_control_shift_c_copies_the_last_answer(chat: ChatPage, upstream: FakeUpstream) -> None:
    chat.allow_clipboard()
    chat.ask("Hello")
    upstream.answer("They **purr**.")
    chat.ask("And cats?")
    chat.page.keyboard.press("Control+Shift+C")
    expect(chat.answer.get_by_role("status").filter(has_text="Copied")).to_have_count(1)
    assert chat.clipboard() == "They **purr**."


def test_control_slash_lists_all_shortcuts(chat: ChatPage) -> None:
    chat.page.keyboard.press("Control+/")
    names = chat.page.get_by_role("dialog", name="Keyboard shortcuts").get_by_role("term")
    expect(names).to_have_text(
        [
            "New chat",
            "Search",
            "Open or close conversations",
            "Go to the message box",
            "Stop",
            "Edit your last message (in an empty box)",
            "Copy the last answer",
            "Keyboard shortcuts",
        ]
    )
