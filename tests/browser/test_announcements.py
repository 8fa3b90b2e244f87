"""Live announcements for screen readers: an answer in whole paragraphs, each once."""

from playwright.sync_api import expect

from tests.browser.chat_page import ChatPage
from tests.fake_upstream import FakeUpstream

BEGINNING = "The first **paragraph**.\n\n- one entry\n\nA paragraph that"
ANSWER = f"{BEGINNING} goes on.\n\n| Name |\n|---|\n| cat |\n"

# Collects the pieces that are put into the status regions.
_LISTEN = """() => {
  window.heard = [];
  const listen = (region) => new MutationObserver((changes) => {
    for (const {addedNodes} of changes) for (const {textContent} of addedNodes) window.heard.push(textContent);
  }).observe(region, {childList: true});
  document.querySelectorAll("[role=status]:not(article *)").forEach(listen);
}"""


def test_an_answer_is_announced_in_whole_paragraphs(chat: ChatPage, upstream: FakeUpstream) -> None:
    chat.page.evaluate(_LISTEN)
    upstream.answer(ANSWER, chunk_size=len(BEGINNING))
    upstream.hold(after=1)
    chat.say("Tell me something")
    assert _heard(chat, 1) == ["The first paragraph.\none entry"]
    upstream.release()
    chat.wait_until_answered()
    assert _heard(chat, 2)[1:] == ["A paragraph that goes on.\nName\ncat"]


def test_a_stopped_answer_is_announced_to_its_end(chat: ChatPage, upstream: FakeUpstream) -> None:
    chat.page.evaluate(_LISTEN)
    upstream.answer(ANSWER, chunk_size=len(BEGINNING))
    upstream.hold(after=1)
    chat.say("Tell me something")
    assert len(_heard(chat, 1)) == 1
    chat.stop_button.click()
    assert _heard(chat, 2)[1:] == ["A paragraph that\nYou stopped this answer."]


def test_a_continued_answer_is_announced_without_its_earlier_paragraphs(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.answer("One.\n\nTwo", finish_reason="length")
    chat.ask("Count")
    chat.page.evaluate(_LISTEN)
    upstream.answer(" and a half.\n\nThree.")
    chat.answer.get_by_role("button", name="Continue", exact=True).click()
    expect(chat.answer).to_contain_text("Three.")
    chat.wait_until_answered()
    assert _heard(chat, 1) == ["Two and a half.\nThree."]


def test_messages_are_no_live_regions(chat: ChatPage, upstream: FakeUpstream) -> None:
    chat.ask("Hello")
    for message in chat.conversation.get_by_role("article").all():
        expect(message).to_have_attribute("aria-live", "off")


def _heard(chat: ChatPage, count: int) -> list[str]:
    """Wait for at least ``count`` announcements and return all."""
    chat.page.wait_for_function("(count) => window.heard.length >= count", arg=count)
    return chat.page.evaluate("window.heard")
