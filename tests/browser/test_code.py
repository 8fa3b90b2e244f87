"""Code blocks in an answer: highlighting, and the bar with copy and wrap."""

from playwright.sync_api import Locator, expect

from tests.browser.chat_page import ChatPage, ask_for
from tests.browser.conftest import on_a_phone
from tests.browser.looks import colour, is_wider_than_its_box, page_overflow
from tests.fake_upstream import FakeUpstream

PROGRAM = 'def greet(name: str) -> str:\n    return f"Hello {name}"  # politely\n'
ANSWER = f"Look:\n\n```python\n{PROGRAM}```\n"
LONG_LINE = f"print('{'wide ' * 60}')"


def test_code_is_highlighted_and_its_language_is_named(chat: ChatPage, upstream: FakeUpstream) -> None:
    ask_for(chat, upstream, ANSWER)
    code = chat.answer.get_by_role("code")
    expect(code).to_have_text(PROGRAM, use_inner_text=True)
    expect(_word(code, "def")).not_to_have_css("color", colour(chat.answer))
    assert len({colour(_word(code, word)) for word in ("def", "greet", "# politely")}) == 3
    expect(chat.answer.get_by_text("python", exact=True)).to_be_visible()


def test_code_in_an_unknown_language_is_plain(chat: ChatPage, upstream: FakeUpstream) -> None:
    ask_for(chat, upstream, f"```brainstorm\n{PROGRAM}```\n\n{ANSWER}")
    unknown, known = chat.answer.get_by_role("code").all()
    expect(_word(known, "def")).not_to_have_css("color", colour(chat.answer))
    expect(unknown).to_have_text(PROGRAM, use_inner_text=True)
    expect(chat.answer.get_by_text("brainstorm", exact=True)).to_be_visible()


def test_the_copy_button_of_a_code_block_copies_its_code(chat: ChatPage, upstream: FakeUpstream) -> None:
    chat.allow_clipboard()
    ask_for(chat, upstream, ANSWER)
    button = chat.answer.get_by_role("button", name="Copy code", exact=True)
    button.click()
    expect(button.get_by_role("status")).to_have_text("Copied")
    assert chat.clipboard() == PROGRAM


@on_a_phone
def test_a_switch_wraps_the_long_lines_of_a_code_block(chat: ChatPage, upstream: FakeUpstream) -> None:
    ask_for(chat, upstream, f"```python\n{LONG_LINE}\n```")
    code = chat.answer.get_by_role("code")
    expect(code).to_be_visible()
    assert is_wider_than_its_box(code)
    switch = chat.answer.get_by_role("checkbox", name="Wrap lines", exact=True)
    switch.check(force=True)  # the pointer meets its picture
    assert not is_wider_than_its_box(code)
    switch.uncheck(force=True)
    assert is_wider_than_its_box(code)
    assert page_overflow(chat.page) == 0


def test_an_unfinished_code_block_is_shown_as_code(chat: ChatPage, upstream: FakeUpstream) -> None:
    beginning = "```python\nprint(1)\n"
    upstream.answer(f"{beginning}print(2)\n```", chunk_size=len(beginning))
    upstream.hold(after=1)
    chat.say("Hello")
    expect(chat.answer.get_by_role("code")).to_have_text("print(1)")


def test_code_is_highlighted_while_it_streams(chat: ChatPage, upstream: FakeUpstream) -> None:
    beginning = "```python\ndef one():\n    pass\n"
    upstream.answer(f"{beginning}class Two:\n    pass\n".ljust(2 * len(beginning)) + "\n```", chunk_size=len(beginning))
    upstream.hold(after=1)
    chat.say("Hello")
    code = chat.answer.get_by_role("code")
    expect(_word(code, "def")).not_to_have_css("color", colour(chat.answer))
    upstream.hold(after=2)
    expect(_word(code, "class")).to_have_css("color", colour(_word(code, "def")))
    expect(chat.stop_button).to_be_visible()


def test_a_language_is_fetched_with_the_first_code_in_it(chat: ChatPage, upstream: FakeUpstream) -> None:
    fetched: list[str] = []
    chat.page.on("request", lambda request: fetched.append(request.url.rpartition("/")[2]))
    ask_for(chat, upstream, "No code.")
    assert [name for name in fetched if name.startswith(("python", "rust"))] == []
    ask_for(chat, upstream, ANSWER)
    expect(_word(chat.answer.get_by_role("code"), "def")).not_to_have_css("color", colour(chat.answer))
    assert len([name for name in fetched if name.startswith("python")]) == 1
    assert [name for name in fetched if name.startswith("rust")] == []


def _word(code: Locator, word: str) -> Locator:
    return code.get_by_text(word, exact=True)
