"""The message box: typing and sending."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.chat_page import ChatPage
from tests.fake_upstream import FakeUpstream

pytestmark = pytest.mark.across_workers


def test_a_message_is_shown_at_once_and_its_answer_streams(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.answer("One two three four", chunk_size=4)
    upstream.hold(after=0)
    chat.say("Count to four")
    expect(chat.questions).to_have_text(["Count to four"])
    expect(chat.answer).to_have_text("Thinking…")
    expect(chat.stop_button).to_be_visible()
    expect(chat.send_button).to_be_hidden()
    upstream.hold(after=2)
    expect(chat.answer).to_have_text("One two")
    upstream.release()
    expect(chat.answer).to_have_text("One two three four")
    expect(chat.send_button).to_be_visible()
    expect(chat.stop_button).to_be_hidden()


def test_shift_enter_breaks_the_line_and_the_box_grows(chat: ChatPage, upstream: FakeUpstream) -> None:
    chat.box.press_sequentially("First")
    low = _height(chat)
    chat.box.press("Shift+Enter")
    chat.box.press_sequentially("Second")
    expect(chat.box).to_have_value("First\nSecond")
    assert _height(chat) > low
    chat.box.press("Enter")
    expect(chat.questions).to_have_text(["First\nSecond"], use_inner_text=True)
    assert _height(chat) == low
    assert upstream.wait_calls(1)


def test_a_long_draft_leaves_room_for_the_conversation(chat: ChatPage) -> None:
    chat.box.fill("A line\n" * 100)
    assert _height(chat) < 800 / 2


def test_two_enters_in_the_same_moment_send_once(chat: ChatPage, upstream: FakeUpstream) -> None:
    """As from a macro, before the page renders again."""
    chat.box.fill("Once")
    chat.box.evaluate(
        """box => { for (let i = 0; i < 2; i++)
             box.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", bubbles: true, cancelable: true})) }"""
    )
    _wait_for_answer(chat)
    chat.ask("And then")
    expect(chat.questions).to_have_text(["Once", "And then"])
    assert upstream.calls == 2


def test_a_double_click_sends_once(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.hold(after=1)
    chat.box.fill("Once")
    chat.send_button.dblclick()
    expect(chat.questions).to_have_text(["Once"])
    expect(chat.box).to_have_value("")
    upstream.release()
    expect(chat.answer).to_have_text("Hello from the fake upstream.")
    assert upstream.calls == 1


def test_holding_enter_sends_once_and_adds_no_lines(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.hold(after=1)
    chat.box.fill("Once")
    for _ in range(5):  # the second and later ones are auto-repeats
        chat.page.keyboard.down("Enter")
    chat.page.keyboard.up("Enter")
    expect(chat.questions).to_have_text(["Once"])
    expect(chat.box).to_have_value("")
    upstream.release()
    chat.wait_until_answered()
    assert upstream.calls == 1


def test_messages_sent_during_an_answer_wait_for_its_end(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.hold(after=1)
    chat.say("First")
    expect(chat.stop_button).to_be_visible()
    chat.box.press_sequentially("Second")
    expect(chat.send_button).to_be_visible()
    chat.box.press("Enter")
    chat.say("A mistake")
    chat.say("Third")
    waiting = _waiting(chat)
    expect(waiting).to_have_text(["Second", "A mistake", "Third"])
    waiting.filter(has_text="A mistake").get_by_role("button", name="Take back").click()
    expect(chat.box).to_have_value("A mistake")
    expect(waiting).to_have_text(["Second", "Third"])
    upstream.release()
    expect(chat.questions).to_have_text(["First", "Second", "Third"])
    chat.wait_until_answered()
    expect(waiting).to_have_count(0)
    expect(chat.box).to_have_value("A mistake")
    assert upstream.calls == 3


@pytest.mark.one_worker  # on another worker, the messages return to the box
def test_messages_that_wait_survive_a_reload(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.hold(after=1)
    chat.say("First")
    chat.say("Second")
    expect(_waiting(chat)).to_have_text(["Second"])
    chat.page.reload()
    expect(_waiting(chat)).to_have_text(["Second"])
    upstream.release()
    expect(chat.questions).to_have_text(["First", "Second"])


def test_a_message_in_the_address_fills_the_box_and_is_sent_for_the_pages_own_origin(
    chat: ChatPage, upstream: FakeUpstream
) -> None:
    address = f"{chat.url}/?q=%EC%95%88%EB%85%95%3F&send=1"
    chat.open(address)
    expect(chat.box).to_have_value("안녕?")
    expect(chat.page).to_have_url(f"{chat.url}/")
    chat.box.fill("")
    chat.page.goto(address, referer=f"{chat.url}/about")
    expect(chat.questions).to_have_text(["안녕?"])
    chat.wait_until_answered()
    chat.page.reload()
    expect(chat.questions).to_have_text(["안녕?"])
    assert upstream.calls == 1


def test_a_draft_survives_the_answer(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.hold(after=1)
    chat.say("First")
    chat.box.press_sequentially("My next thought")
    upstream.release()
    chat.wait_until_answered()
    expect(chat.box).to_have_value("My next thought")


def test_a_message_longer_than_the_connection_takes_stays_in_the_box(chat: ChatPage, upstream: FakeUpstream) -> None:
    text = "long " * 210_000
    chat.say(text)
    expect(chat.alert).to_contain_text("too long")
    expect(chat.box).to_have_value(text)
    expect(chat.questions).to_have_count(0)
    chat.reload()
    expect(chat.box).to_have_value(text)
    assert upstream.calls == 0
    chat.ask("Short")
    expect(chat.questions).to_have_text(["Short"])
    expect(chat.alert).to_have_count(0)


def test_a_message_is_shown_as_it_was_written(chat: ChatPage) -> None:
    text = "<b>not bold</b> **neither** & $x$\n    indented"
    chat.say(text)
    expect(chat.questions).to_have_text([text], use_inner_text=True)
    assert chat.questions.first.inner_text() == text


def _wait_for_answer(chat: ChatPage) -> None:
    expect(chat.answers).to_have_text(["Hello from the fake upstream."])
    chat.wait_until_answered()


def _waiting(chat: ChatPage) -> Locator:
    """The messages in the queue."""
    return chat.page.get_by_role("list", name="Messages to be sent after the answer").get_by_role("listitem")


def _height(chat: ChatPage) -> float:
    box = chat.box.bounding_box()
    assert box
    return box["height"]
