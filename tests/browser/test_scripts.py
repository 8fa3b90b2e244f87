"""Text direction, and characters made of several code points."""

import unicodedata
from typing import Literal

from playwright.sync_api import expect

from tests.browser.chat_page import ChatPage, ask_for
from tests.fake_upstream import FakeUpstream

Role = Literal["paragraph", "heading", "list", "blockquote", "table"]

ARABIC = "مرحبا بالعالم!"
HEBREW = "שלום עולם"
RIGHT_TO_LEFT: dict[Role, str] = {
    "paragraph": ARABIC,
    "heading": f"## {HEBREW}",
    "list": f"- {ARABIC}\n- {ARABIC}",
    "blockquote": f"> {HEBREW}",
    "table": f"| {ARABIC} | {HEBREW} |\n|---|---|\n| {ARABIC} | {HEBREW} |",
}
FAMILY = "👨‍👩‍👧‍👦"
HANGUL = [unicodedata.normalize("NFD", syllable) for syllable in "한글"]
# Characters of several code points that are shown only as a whole.
WHOLE = (FAMILY, "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", *HANGUL, "🇰🇷", "👋🏽", "🏳️‍🌈")
# Characters of which each beginning is a character, too.
GROWING = ("Z\u0351\u036b\u0343", "7\ufe0f\u20e3", "\u0915\u094d\u0937\u093f")

# Records the answer's text with every change.
_RECORD_ANSWER = """() => {
  window.shown = [];
  const look = () => shown.push(document.querySelector("article[aria-label=Assistant] p")?.innerText ?? "");
  new MutationObserver(look).observe(document, {subtree: true, childList: true, characterData: true});
}"""


def test_right_to_left_text_runs_from_the_right(chat: ChatPage, upstream: FakeUpstream) -> None:
    ask_for(chat, upstream, "\n\n".join([*RIGHT_TO_LEFT.values(), "And *English* again."]))
    for role in RIGHT_TO_LEFT:
        expect(chat.answer.get_by_role(role).first, role).to_have_css("direction", "rtl")
    expect(chat.answer.get_by_role("paragraph").last).to_have_css("direction", "ltr")


def test_a_word_of_another_direction_does_not_turn_its_paragraph(chat: ChatPage, upstream: FakeUpstream) -> None:
    ask_for(chat, upstream, f"The word {HEBREW} and the number 42.")
    expect(chat.answer.get_by_role("paragraph")).to_have_css("direction", "ltr")


def test_code_always_runs_from_the_left(chat: ChatPage, upstream: FakeUpstream) -> None:
    ask_for(chat, upstream, f"{ARABIC} `x = 1`\n\n```python\nx = 1\n```\n")
    expect(chat.answer.get_by_role("code").last).to_have_css("direction", "ltr")


def test_each_line_of_a_question_runs_in_its_own_direction(chat: ChatPage) -> None:
    chat.box.fill(f"{HEBREW}\nand English")
    chat.box.press("Enter")
    expect(chat.questions.get_by_text(HEBREW)).to_have_css("unicode-bidi", "plaintext")


def test_no_character_falls_apart_while_an_answer_streams(chat: ChatPage, upstream: FakeUpstream) -> None:
    """The model sends one code point at a time, and the page shows whole characters only."""
    chat.page.evaluate(_RECORD_ANSWER)
    upstream.answer(" ".join([*WHOLE, *GROWING, "end"]), chunk_size=1, delay=0.03)
    chat.ask("Hello")
    expect(chat.answer).to_have_text(" ".join([*WHOLE, *GROWING, "end"]))
    seen = {word for text in chat.page.evaluate("window.shown") for word in text.split()}
    assert seen >= set(WHOLE)
    prefixes = {whole[:length] for whole in [*GROWING, "end"] for length in range(1, len(whole) + 1)}
    assert seen - set(WHOLE) - prefixes == {"Thinking…"}


def test_a_character_held_back_is_shown_when_the_answer_is_stopped(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.answer(f"Hi {FAMILY}", chunk_size=1)
    upstream.hold(after=4)
    chat.say("Hello")
    expect(chat.answer).to_have_text("Hi")
    chat.stop_button.click()
    chat.wait_until_answered()
    expect(chat.answer.get_by_role("paragraph").first).to_have_text(f"Hi {FAMILY[0]}")
