"""Versions of a message by regenerating and editing, and the branches that they make."""

from playwright.sync_api import Locator, expect

from tests.browser.chat_page import ChatPage
from tests.browser.conftest import at_both_widths
from tests.fake_upstream import FakeUpstream


def test_regenerate_gives_another_version_of_the_answer(chat: ChatPage, upstream: FakeUpstream) -> None:
    _ask(chat, upstream, "Name a colour", "Red.")
    expect(_pager(chat.answer)).to_have_count(0)
    _regenerate(chat, upstream, "Blue.")
    expect(chat.answers).to_contain_text(["Blue."])
    expect(chat.questions).to_have_text(["Name a colour"])
    expect(_pager(chat.answer)).to_contain_text("2 / 2")
    assert [turn["content"] for turn in upstream.requests[-1].body["messages"]][-1] == "Name a colour"


def test_buttons_page_through_the_versions_of_an_answer(chat: ChatPage, upstream: FakeUpstream) -> None:
    _ask(chat, upstream, "Name a colour", "Red.")
    _regenerate(chat, upstream, "Green.")
    _regenerate(chat, upstream, "Blue.")
    _press(chat.answer, "Previous version")
    expect(chat.answer).to_contain_text("Green.")
    expect(_pager(chat.answer)).to_contain_text("2 / 3")
    _press(chat.answer, "Previous version")
    expect(chat.answer).to_contain_text("Red.")
    expect(_pager(chat.answer)).to_contain_text("1 / 3")
    expect(_button(chat.answer, "Previous version")).to_be_disabled()
    _press(chat.answer, "Next version")
    expect(chat.answer).to_contain_text("Green.")


def test_the_focus_stays_on_the_button_that_pages(chat: ChatPage, upstream: FakeUpstream) -> None:
    _ask(chat, upstream, "Name a colour", "Red.")
    _regenerate(chat, upstream, "Blue.")
    _button(chat.answer, "Previous version").press("Enter")
    expect(chat.answer).to_contain_text("Red.")
    expect(_button(chat.answer, "Previous version")).to_be_focused()


def test_the_focus_stays_on_the_regenerate_button(chat: ChatPage, upstream: FakeUpstream) -> None:
    _ask(chat, upstream, "Name a colour", "Red.")
    _button(chat.answer, "Regenerate").focus()
    chat.page.keyboard.press("Enter")
    expect(chat.answer).to_contain_text("Hello from the fake upstream.")
    chat.wait_until_answered()
    expect(_button(chat.answer, "Regenerate")).to_be_focused()


def test_pressing_regenerate_twice_answers_once(chat: ChatPage, upstream: FakeUpstream) -> None:
    _ask(chat, upstream, "Name a colour", "Red.")
    _button(chat.answer, "Regenerate").dblclick()
    expect(chat.answer).to_contain_text("Hello from the fake upstream.")
    chat.wait_until_answered()
    expect(_pager(chat.answer)).to_contain_text("2 / 2")
    expect(chat.alert).to_have_count(0)
    assert upstream.calls == 2


def test_an_edited_message_starts_another_branch(chat: ChatPage, upstream: FakeUpstream) -> None:
    _ask(chat, upstream, "Name a colour", "Red.")
    _ask(chat, upstream, "And another", "Blue.")
    _edit(chat, upstream, 0, "Name an animal", "A cat.")
    expect(chat.questions).to_contain_text(["Name an animal"])
    expect(chat.answers).to_contain_text(["A cat."])
    expect(_pager(chat.questions.first)).to_contain_text("2 / 2")
    _press(chat.questions.first, "Previous version")
    expect(chat.questions).to_contain_text(["Name a colour", "And another"])
    expect(chat.answers).to_contain_text(["Red.", "Blue."])


def test_the_model_gets_only_the_messages_of_the_branch(chat: ChatPage, upstream: FakeUpstream) -> None:
    _ask(chat, upstream, "Name a colour", "Red.")
    _ask(chat, upstream, "And another", "Blue.")
    _edit(chat, upstream, 1, "Why that one?", "I like it.")
    turns = [turn["content"] for turn in upstream.requests[-1].body["messages"]]
    assert turns[-3:] == ["Name a colour", "Red.", "Why that one?"]


def test_the_model_gets_the_branch_that_is_shown_although_another_tab_shows_another(
    chat: ChatPage, upstream: FakeUpstream
) -> None:
    _ask(chat, upstream, "Name a colour", "Red.")
    _regenerate(chat, upstream, "Blue.")
    other = chat.open_second_tab()
    upstream.hold(after=0)
    upstream.answer("Why not?")
    chat.say("Why that one?")
    assert upstream.wait_held()
    expect(other.stop_button).to_be_visible()
    other.answers.first.get_by_role("button", name="Previous version").press("Enter")
    expect(other.answers).to_contain_text(["Red."])
    upstream.release()
    chat.wait_until_answered()
    _ask(chat, upstream, "And then?", "Nothing.")
    told = [turn["content"] for turn in upstream.requests[-1].body["messages"] if turn["role"] == "user"]
    expect(chat.questions).to_have_text(told)
    assert told == ["Name a colour", "Why that one?", "And then?"]


def test_a_reload_shows_the_branch_that_was_last_open(chat: ChatPage, upstream: FakeUpstream) -> None:
    _ask(chat, upstream, "Name a colour", "Red.")
    _edit(chat, upstream, 0, "Name an animal", "A cat.")
    _press(chat.questions.first, "Previous version")
    expect(chat.answers).to_contain_text(["Red."])
    chat.reload()
    expect(chat.questions).to_contain_text(["Name a colour"])
    expect(_pager(chat.questions.first)).to_contain_text("1 / 2")
    _ask(chat, upstream, "And another", "Blue.")
    expect(chat.answers).to_contain_text(["Red.", "Blue."])
    _press(chat.questions.first, "Next version")
    expect(chat.answers).to_contain_text(["A cat."])


def test_a_conversation_goes_on_streaming_while_another_is_regenerated(chat: ChatPage, upstream: FakeUpstream) -> None:
    _ask(chat, upstream, "Name a colour", "Red.")
    first = chat.page.url
    upstream.answer("Once upon a time", chunk_size=5, when="Tell me a story")
    chat.open("/")
    upstream.hold(after=1)
    chat.say("Tell me a story")
    expect(chat.answer).to_contain_text("Once")
    chat.open(first)
    upstream.answer("Blue and green", chunk_size=4, when="Name a colour")
    _press(chat.answer, "Regenerate")
    expect(chat.answer).to_contain_text("Blue")
    assert upstream.wait_held(2)
    upstream.release()
    expect(chat.answer).to_contain_text("Blue and green")
    expect(_pager(chat.answer)).to_contain_text("2 / 2")


@at_both_widths
def test_the_buttons_of_messages_fit_the_window(chat: ChatPage, upstream: FakeUpstream) -> None:
    _ask(chat, upstream, "Name a colour", "Red.")
    _regenerate(chat, upstream, "Blue.")
    _press(chat.answer, "Bad answer")
    viewport = chat.page.viewport_size
    assert viewport
    expect(_button(chat.answer, "Comment")).to_be_visible()
    for button in chat.conversation.get_by_role("button").all():
        box = button.bounding_box()
        if box:
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= viewport["width"]


def _ask(chat: ChatPage, upstream: FakeUpstream, question: str, answer: str) -> None:
    upstream.answer(answer)
    chat.say(question)
    expect(chat.questions.last).to_contain_text(question)
    expect(chat.answer).to_contain_text(answer)
    chat.wait_until_answered()


def _regenerate(chat: ChatPage, upstream: FakeUpstream, answer: str) -> None:
    upstream.answer(answer)
    _press(chat.answer, "Regenerate")
    expect(chat.answer).to_contain_text(answer)
    chat.wait_until_answered()


def _edit(chat: ChatPage, upstream: FakeUpstream, index: int, text: str, answer: str) -> None:
    upstream.answer(answer)
    _press(chat.questions.nth(index), "Edit")
    chat.editor.fill(text)
    chat.editor.press("Enter")
    expect(chat.answer).to_contain_text(answer)
    chat.wait_until_answered()


def _press(message: Locator, name: str) -> None:
    message.hover()
    _button(message, name).click()


def _button(message: Locator, name: str) -> Locator:
    return message.get_by_role("button", name=name, exact=True)


def _pager(message: Locator) -> Locator:
    return message.get_by_role("group", name="Versions", exact=True)
