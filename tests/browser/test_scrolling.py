"""Scrolling: the view follows a growing answer only while the reader is at its end."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.chat_page import ChatPage
from tests.browser.conftest import NewVisitor
from tests.browser.facts import import_facts
from tests.fake_upstream import FakeUpstream, chunk

PARTS = 24
READ = 12  # parts that have come when the reader scrolls; among the others, each kind is


def test_the_view_follows_the_newest_text(chat: ChatPage, upstream: FakeUpstream) -> None:
    _start(chat, upstream)
    _assert_at_end(chat)
    for parts in range(READ + 1, PARTS):
        _go_on(chat, upstream, parts)
        _assert_at_end(chat)
    _finish(chat, upstream)
    _assert_at_end(chat)


def _turn_wheel(chat: ChatPage) -> None:
    chat.conversation.hover()
    chat.page.mouse.wheel(0, -600)


def _press_page_up(chat: ChatPage) -> None:
    chat.box.press("Shift+Tab")
    chat.page.keyboard.press("PageUp")


def test_the_view_stays_where_the_reader_scrolled_a_little_while_the_answer_grows(
    chat: ChatPage, upstream: FakeUpstream
) -> None:
    _start(chat, upstream)
    end = chat.scroll_position()
    chat.conversation.hover()
    chat.page.mouse.wheel(0, -20)
    chat.wait_until_scrolled_from(end)
    position, place = chat.scroll_position(), _place(_part(chat, READ - 3))
    assert position < end
    for parts in range(READ + 1, PARTS):
        _go_on(chat, upstream, parts)
        assert (chat.scroll_position(), _place(_part(chat, READ - 3))) == (position, place)
    _finish(chat, upstream)
    assert (chat.scroll_position(), _place(_part(chat, READ - 3))) == (position, place)


def _turn_wheel_over_table(chat: ChatPage) -> None:
    chat.answer.get_by_role("table").last.hover()
    chat.page.mouse.wheel(0, -200)


def _drag_with_finger(chat: ChatPage) -> None:
    screen = chat.page.context.new_cdp_session(chat.page)
    for kind, y in [("touchStart", 300), *(("touchMove", 300 + 20 * step) for step in range(1, 16))]:
        screen.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": 600, "y": y}]})
    screen.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


@pytest.mark.parametrize("scroll_up", [_turn_wheel_over_table, _press_page_up, _drag_with_finger])
def test_the_reader_can_scroll_up_while_text_streams(
    new_visitor: NewVisitor, upstream: FakeUpstream, scroll_up: Callable[[ChatPage], None]
) -> None:
    chat = new_visitor(has_touch=True)
    rows = "".join(f"| {number} | row |\n" for number in range(120))
    upstream.answer(f"| Number | Kind |\n|---|---|\n{rows}", chunk_size=15, delay=0.01)
    chat.box.fill("Count")
    chat.send_button.click()
    expect(_cell(chat, 60)).to_be_attached()
    scroll_up(chat)
    expect(chat.latest_button).to_be_visible()
    chat.wait_until_scrolled_from(-1)
    position, place = chat.scroll_position(), _place(_cell(chat, 50))
    expect(_cell(chat, 119)).to_be_attached()
    chat.wait_until_answered()
    assert (chat.scroll_position(), _place(_cell(chat, 50))) == (position, place)


def test_latest_messages_and_scrolling_back_to_the_end_follow_the_answer_again(
    chat: ChatPage, upstream: FakeUpstream
) -> None:
    _start(chat, upstream)
    expect(chat.latest_button).to_be_hidden()
    _turn_wheel(chat)
    chat.latest_button.click()
    _assert_at_end(chat)
    _go_on(chat, upstream, READ + 4)
    _assert_at_end(chat)
    _turn_wheel(chat)
    expect(chat.latest_button).to_be_visible()
    chat.page.mouse.wheel(0, 5_000)
    expect(chat.latest_button).to_be_hidden()
    _go_on(chat, upstream, READ + 8)
    _assert_at_end(chat)


def test_a_long_conversation_opens_at_its_end_and_a_new_message_comes_into_view_after_scrolling_up(
    chat: ChatPage, upstream: FakeUpstream
) -> None:
    _start(chat, upstream)
    _finish(chat, upstream)
    chat.reload()
    expect(_part(chat, PARTS)).to_be_attached()
    _assert_at_end(chat)
    _turn_wheel(chat)
    expect(chat.latest_button).to_be_visible()
    chat.ask("And now?")
    expect(chat.questions.last).to_be_in_viewport()
    expect(chat.answer).to_be_in_viewport()


def test_another_conversation_opens_at_its_end_after_scrolling_up(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.answer(_text(1) * 20)
    chat.ask_and_leave("First story")
    upstream.answer(_text(1) * 20)
    chat.ask("Second story")
    chat.wait_until_at_end()
    end = chat.scroll_position()
    _turn_wheel(chat)
    chat.wait_until_scrolled_from(end)
    expect(chat.latest_button).to_be_visible()
    chat.open_list()
    chat.conversation_link("First story").click()
    expect(chat.questions).to_have_text(["First story"])
    _assert_at_end(chat)


def test_earlier_messages_come_when_scrolled_to_and_leave_the_view_where_it_is(
    chat: ChatPage, upstream: FakeUpstream
) -> None:
    import_facts(chat, 17)
    chat.open_list()
    chat.conversation_link("Facts").click()
    expect(chat.answers.first).to_contain_text("Fact number 2 ")
    chat.wait_until_at_end()
    read = chat.answers.filter(has_text="Fact number 2 ")
    read.evaluate("(answer) => answer.scrollIntoView()")
    place = _place(read)
    expect(chat.answers).to_have_count(17)
    expect(chat.page.get_by_role("button", name="Earlier messages", exact=True)).to_have_count(0)
    assert abs(_place(read) - place) < 50


def _start(chat: ChatPage, upstream: FakeUpstream) -> None:
    """Ask for a long answer and wait until its first parts fill the window twice."""
    parts = [chunk({"content": _text(number)}) for number in range(1, PARTS + 1)]
    upstream.answer_chunks([*parts, chunk({}, "stop")])
    upstream.hold(after=READ)
    chat.say("Tell me a long story")
    expect(_part(chat, READ)).to_be_attached()


def _go_on(chat: ChatPage, upstream: FakeUpstream, parts: int) -> None:
    upstream.hold(after=parts)
    expect(_part(chat, parts)).to_be_attached()


def _finish(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.release()
    expect(_part(chat, PARTS)).to_be_attached()
    chat.wait_until_answered()


def _text(number: int) -> str:
    """Return a part of the answer: mostly paragraphs, and some parts of unpredictable height."""
    match number % 8:
        case 0:
            return f"```python\nprint('Part {number}.')\n" + "print('more of it')\n" * 15 + "```\n\n"
        case 2:
            return f"| Part {number}. | Size |\n|---|---|\n" + "| cat | small |\n" * 8 + "\n"
        case 4:
            return f"# Part {number}.\n\n"
        case _:
            return f"Part {number}. {'It goes on and on. ' * 20}\n\n"


def _part(chat: ChatPage, number: int) -> Locator:
    return chat.answer.get_by_text(f"Part {number}.").first


def _cell(chat: ChatPage, number: int) -> Locator:
    return chat.answer.get_by_role("cell", name=str(number), exact=True)


def _place(element: Locator) -> float:
    box = element.bounding_box()
    assert box
    return box["y"]


def _assert_at_end(chat: ChatPage) -> None:
    chat.wait_until_at_end()
    expect(chat.latest_button).to_be_hidden()
