"""Korean input methods: the Enter that commits a syllable must not send.

Chromium composes for real; only the keyboard is simulated, through the protocol of Chromium's own tests.
https://chromedevtools.github.io/devtools-protocol/tot/Input/
"""

import pytest
from playwright.sync_api import CDPSession, expect

from tests.browser.chat_page import ChatPage
from tests.fake_upstream import FakeUpstream

# The key code while an input method handles the key: https://www.w3.org/TR/uievents/#fixed-virtual-key-codes
_TAKEN_BY_INPUT_METHOD = 229


@pytest.fixture
def keyboard(chat: ChatPage) -> CDPSession:
    chat.box.focus()
    return chat.page.context.new_cdp_session(chat.page)


def test_enter_that_commits_a_syllable_does_not_send(
    chat: ChatPage, keyboard: CDPSession, upstream: FakeUpstream
) -> None:
    _compose(keyboard, "안녕")
    _press_enter_into_input_method(keyboard)
    _commit(keyboard, "안녕")
    _assert_only_the_next_enter_sends(chat, upstream)


def test_enter_does_not_send_where_the_composition_ends_before_it(
    chat: ChatPage, keyboard: CDPSession, upstream: FakeUpstream
) -> None:
    """The order of events in Safari: https://bugs.webkit.org/show_bug.cgi?id=165004"""
    _compose(keyboard, "안녕")
    _commit(keyboard, "안녕")
    _press_enter_into_input_method(keyboard)
    _assert_only_the_next_enter_sends(chat, upstream)


def test_enter_that_commits_a_syllable_does_not_save_an_edited_message(
    chat: ChatPage, keyboard: CDPSession, upstream: FakeUpstream
) -> None:
    chat.ask("Hello")
    chat.edit_button.click()
    chat.editor.fill("")
    _compose(keyboard, "안녕")
    _press_enter_into_input_method(keyboard)
    _commit(keyboard, "안녕")
    expect(chat.editor).to_have_value("안녕")
    assert upstream.calls == 1
    chat.editor.press("Enter")
    expect(chat.questions).to_contain_text(["안녕"])


def _assert_only_the_next_enter_sends(chat: ChatPage, upstream: FakeUpstream) -> None:
    chat.box.press_sequentially("!")
    expect(chat.box).to_have_value("안녕!")
    chat.box.press("Enter")
    expect(chat.questions).to_have_text(["안녕!"])
    chat.wait_until_answered()
    assert upstream.calls == 1


def _compose(keyboard: CDPSession, text: str) -> None:
    keyboard.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})


def _commit(keyboard: CDPSession, text: str) -> None:
    keyboard.send("Input.insertText", {"text": text})


def _press_enter_into_input_method(keyboard: CDPSession) -> None:
    enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": _TAKEN_BY_INPUT_METHOD}
    keyboard.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter})
    keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp", **enter})
