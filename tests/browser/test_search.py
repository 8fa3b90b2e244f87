"""Looking for something in all conversations, and going to where it was said."""

from dataclasses import replace

import httpx
import pytest
from playwright.sync_api import Locator, expect

from chat_app.models.conversation import Conversation
from chat_app.models.message import Message, Role
from chat_app.services.archive import Talk, dump
from tests.browser.chat_page import CONVERSATION_ADDRESS, ChatPage
from tests.fake_upstream import FakeUpstream


@pytest.fixture
def visitor(anywhere: ChatPage) -> ChatPage:
    """A visitor who has had two conversations."""
    anywhere.ask_and_leave("About cats")
    anywhere.ask_and_leave("About dogs")
    return anywhere


def test_titles_and_messages_are_searched_and_the_place_is_shown(visitor: ChatPage, upstream: FakeUpstream) -> None:
    _search(visitor, "FAKE upstream")
    results = _results(visitor)
    expect(results).to_have_count(2)
    expect(results.first).to_contain_text("Hello from the fake upstream.")
    expect(results.first.locator("mark")).to_have_text("fake upstream")
    _searchbox(visitor).fill("cats")
    expect(results).to_have_count(1)
    results.click()
    expect(visitor.page).to_have_url(CONVERSATION_ADDRESS)
    expect(visitor.questions).to_have_text(["About cats"])
    expect(_searchbox(visitor)).to_be_hidden()
    expect(visitor.box).to_be_visible()


def test_a_found_message_is_gone_to_however_long_ago_it_was_said(anywhere: ChatPage) -> None:
    _import_conversation(anywhere, exchanges=100)
    _search(anywhere, "fact number 12 ")
    _results(anywhere).click()
    expect(anywhere.answers.filter(has_text="Fact number 12 is")).to_be_focused()
    expect(anywhere.answers.filter(has_text="Fact number 12 is")).to_be_in_viewport()
    anywhere.wait_until_selected("Fact number 12")
    anywhere.ask("And now?")
    expect(anywhere.answer).to_be_in_viewport()


def test_in_a_long_message_the_words_themselves_are_gone_to(anywhere: ChatPage, upstream: FakeUpstream) -> None:
    upstream.answer("A **paragraph** of a story.\n\n" * 60 + "A treasure lies here.\n\n" + "It goes on.\n\n" * 60)
    anywhere.ask("Where is it?")
    for _ in range(2):  # in the conversation that is open already; and once more, as if it were new
        anywhere.wait_until_at_end()
        _search(anywhere, "TREASURE lies")
        _results(anywhere).click()
        expect(anywhere.answer.get_by_text("A treasure lies here.")).to_be_in_viewport()
        anywhere.wait_until_selected("treasure lies")
        anywhere.latest_button.click()


def test_a_found_version_is_the_one_that_is_shown(anywhere: ChatPage, upstream: FakeUpstream) -> None:
    upstream.answer("Red as a rose.")
    anywhere.ask("Name a colour")
    anywhere.answer.get_by_role("button", name="Regenerate").click()
    expect(anywhere.answer).to_contain_text("Hello from the fake upstream.")
    anywhere.wait_until_answered()
    _search(anywhere, "rose")
    _results(anywhere).click()
    expect(anywhere.answers).to_contain_text(["Red as a rose."])
    expect(anywhere.answer).to_contain_text("1 / 2")
    anywhere.reload()
    expect(anywhere.answers).to_contain_text(["Red as a rose."])


def test_what_was_opened_elsewhere_changes_nothing_here(visitor: ChatPage) -> None:
    _search(visitor, "fake upstream")
    with visitor.page.context.expect_page() as other:
        _results(visitor).filter(has_text="About cats").click(modifiers=["ControlOrMeta"])
    expect(ChatPage(other.value, visitor.url).questions).to_have_text(["About cats"])
    visitor.open_list()
    visitor.conversation_link("About dogs").click()
    expect(visitor.questions).to_have_text(["About dogs"])


def test_a_search_in_vain_says_so(visitor: ChatPage) -> None:
    _search(visitor, "zebra")
    expect(visitor.page.get_by_role("dialog", name="Search").get_by_role("status")).to_have_text("Nothing found.")
    expect(_results(visitor)).to_have_count(0)


def test_a_shortcut_opens_the_search(chat: ChatPage) -> None:
    chat.page.keyboard.press("Control+k")
    expect(_searchbox(chat)).to_be_focused()
    chat.page.keyboard.press("Escape")
    expect(_searchbox(chat)).to_be_hidden()


def _searchbox(chat: ChatPage) -> Locator:
    return chat.page.get_by_role("searchbox", name="Search")


def _search(chat: ChatPage, text: str) -> None:
    chat.open_list()
    chat.navigation.get_by_role("button", name="Search", exact=True).click()
    expect(_searchbox(chat)).to_be_focused()
    _searchbox(chat).fill(text)


def _results(chat: ChatPage) -> Locator:
    return chat.page.get_by_role("dialog", name="Search").get_by_role("link")


def _import_conversation(chat: ChatPage, exchanges: int) -> None:
    conversation = Conversation(owner="", title="Facts")
    messages: list[Message] = []
    for number in range(exchanges):
        for role, text in [(Role.USER, "What else?"), (Role.ASSISTANT, f"Fact number {number} is **small**.")]:
            parent_id = messages[-1].id if messages else None
            messages.append(Message(conversation_id=conversation.id, parent_id=parent_id, role=role, text=text))
    conversation = replace(conversation, latest_id=messages[-1].id)
    archive = dump([Talk(conversation, messages)])
    cookies = {chat.cookie["name"]: chat.cookie["value"]}
    httpx.post(
        f"{chat.url}/archive",
        content=archive,
        headers={"Content-Type": "application/json"},
        cookies=cookies,
        trust_env=False,
    ).raise_for_status()
