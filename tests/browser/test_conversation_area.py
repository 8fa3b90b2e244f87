"""Copying, selecting, printing, finding and folding in a conversation."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.chat_page import ChatPage, ask_for
from tests.browser.conftest import NewVisitor
from tests.browser.facts import import_facts
from tests.fake_upstream import FakeUpstream

_NO_FIELD_SIZING = """
CSS.supports = (name) => name !== "field-sizing";
document.addEventListener("DOMContentLoaded", () => {
  const style = document.createElement("style");
  style.textContent = "textarea { field-sizing: fixed !important }";
  document.head.append(style);
});"""


def test_copy_works_where_the_page_has_no_clipboard(new_visitor: NewVisitor, upstream: FakeUpstream) -> None:
    chat = new_visitor(permissions=["clipboard-read"])
    chat.page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined, configurable: true});")
    chat.reload()
    ask_for(chat, upstream, "```python\nprint(1)\n```")
    for name, copied in (("Copy code", "print(1)\n"), ("Copy", "```python\nprint(1)\n```")):
        button = chat.answer.get_by_role("button", name=name, exact=True)
        button.click()
        expect(button).to_be_focused()
        expect(button.get_by_role("status")).to_have_text("Copied")
        chat.box.fill("")
        chat.box.press("Control+V")
        expect(chat.box).to_have_value(copied)


def test_a_selection_in_a_growing_paragraph_stays(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.answer("Once upon a time there was a cat.", chunk_size=16)
    upstream.hold(after=1)
    chat.say("Tell me a story")
    paragraph = chat.answer.get_by_role("paragraph")
    expect(paragraph).to_have_text("Once upon a time")
    _select(paragraph, "upon a")
    upstream.hold(after=2)
    expect(paragraph).to_have_text("Once upon a time there was a cat")
    chat.wait_until_selected("upon a")
    upstream.release()
    chat.wait_until_answered()
    chat.wait_until_selected("upon a")


def test_selecting_everything_leaves_out_buttons_and_labels(chat: ChatPage, upstream: FakeUpstream) -> None:
    ask_for(chat, upstream, "First.\n\n```python\nprint(1)\n```")
    chat.conversation.evaluate("log => getSelection().selectAllChildren(log)")
    selected = chat.page.evaluate("getSelection().toString()").split()
    assert selected == ["Hello", "First.", "print(1)"]


def test_print_has_the_conversation_and_nothing_else(chat: ChatPage, upstream: FakeUpstream) -> None:
    ask_for(chat, upstream, "A line.\n\n" * 60 + "The end.")
    chat.page.emulate_media(media="print")
    expect(chat.questions).to_be_visible()
    expect(chat.answer.get_by_text("The end.")).to_be_visible()
    for part in (chat.navigation, chat.box, chat.page.get_by_role("heading"), chat.page.get_by_role("button")):
        expect(part.filter(visible=True)).to_have_count(0)
    height = chat.answer.evaluate("answer => answer.getBoundingClientRect().height")
    assert chat.page.evaluate("document.documentElement.scrollHeight") >= height, "what is scrolled away is cut off"


def test_find_in_page_offers_to_load_the_missing_messages(chat: ChatPage) -> None:
    _open_facts(chat)
    expect(chat.answers.first).not_to_contain_text("Fact number 0 ")
    chat.page.keyboard.press("Control+f")
    notice = chat.page.get_by_text("Earlier messages aren’t loaded yet.")
    expect(notice).to_be_in_viewport()
    chat.page.get_by_role("button", name="Load all", exact=True).click()
    expect(chat.answers).to_have_count(40)
    expect(chat.answers.first).to_have_text("Fact number 0 is small.")
    expect(notice).to_have_count(0)


def test_printing_waits_until_all_messages_are_loaded(chat: ChatPage) -> None:
    chat.page.add_init_script("window.print = () => { window.printed = document.querySelectorAll('article').length; };")
    chat.reload()
    _open_facts(chat)
    chat.page.keyboard.press("Control+p")
    assert chat.page.wait_for_function("window.printed").json_value() == 80


def test_a_question_folds_only_if_it_is_long(chat: ChatPage) -> None:
    chat.ask("\n".join(f"Line {number}" for number in range(10)))
    more = chat.questions.get_by_role("button", name="Show more", exact=True)
    expect(more).to_have_count(0)
    chat.say("\n".join(f"Line {number}" for number in range(40)))
    chat.wait_until_answered()
    expect(more).to_have_count(1)
    folded = _height(chat.questions.last)
    more.click()
    less = chat.questions.get_by_role("button", name="Show less", exact=True)
    expect(less).to_have_attribute("aria-expanded", "true")
    assert _height(chat.questions.last) > 2 * folded
    less.click()
    expect(more).to_be_visible()
    assert _height(chat.questions.last) == folded


def test_boxes_grow_with_their_text_without_field_sizing(chat: ChatPage, upstream: FakeUpstream) -> None:
    chat.page.add_init_script(_NO_FIELD_SIZING)
    chat.reload()
    low = _height(chat.box)
    chat.box.press_sequentially("One")
    assert _height(chat.box) == low
    chat.box.press("Shift+Enter")
    assert _height(chat.box) > low
    chat.box.fill("A line\n" * 100)
    assert low < _height(chat.box) < 400
    chat.reload()
    assert _height(chat.box) > low, "a draft has its height"
    chat.box.fill("One\nTwo\nThree")
    chat.box.press("Enter")
    expect(chat.box).to_have_value("")
    assert _height(chat.box) == low
    chat.wait_until_answered()
    chat.edit_button.click()
    before = _height(chat.editor)
    assert before > 2 * low
    chat.editor.press("Shift+Enter")
    assert _height(chat.editor) > before


def test_messages_have_their_time_in_the_readers_time_zone(new_visitor: NewVisitor, upstream: FakeUpstream) -> None:
    chat = new_visitor(timezone_id="Asia/Seoul")
    chat.ask("Hello")
    expect(chat.answer.get_by_role("time")).to_have_attribute("title", re.compile(re.escape("GMT+9")))
    expect(chat.questions.get_by_role("time")).to_have_attribute("datetime", re.compile(re.escape("+00:00") + "$"))


@pytest.mark.parametrize("window", [{"width": 844, "height": 200}, {"width": 320, "height": 200}], indirect=True)
def test_the_message_box_is_in_view_in_a_low_window(chat: ChatPage) -> None:
    expect(chat.box).to_be_in_viewport(ratio=1)
    chat.ask("Hello")
    expect(chat.box).to_be_in_viewport(ratio=1)
    expect(chat.send_button).to_be_in_viewport(ratio=1)


def test_a_silent_stream_shows_a_sign_of_life(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.hold(after=1)
    chat.say("Hello")
    sign = chat.answer.locator(".waiting-sign")  # decorative: it has no role
    expect(sign).to_have_css("opacity", "0")
    expect(sign).not_to_have_css("opacity", "0")
    upstream.release()
    expect(sign).to_have_count(0)


def test_an_unknown_address_links_to_a_new_chat(chat: ChatPage) -> None:
    chat.open("/chat/0123")
    expect(chat.page.get_by_role("heading", name="There is no such conversation")).to_be_visible()
    chat.page.get_by_role("main").get_by_role("link", name="New chat", exact=True).click()
    expect(chat.page.get_by_role("heading", name="What’s on your mind?")).to_be_visible()
    expect(chat.box).to_be_focused()


def _open_facts(chat: ChatPage) -> None:
    import_facts(chat, exchanges=40)
    chat.conversation_link("Facts").click()
    expect(chat.answers.last).to_have_text("Fact number 39 is small.")


def _select(element: Locator, words: str) -> None:
    element.evaluate(
        """(element, words) => {
          const text = document.createTreeWalker(element, NodeFilter.SHOW_TEXT).nextNode();
          const start = text.data.indexOf(words);
          getSelection().setBaseAndExtent(text, start, text, start + words.length);
        }""",
        words,
    )


def _height(element: Locator) -> float:
    box = element.bounding_box()
    assert box
    return box["height"]
