"""Search in all conversations, and opening a match."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.chat_page import CONVERSATION_ADDRESS, ChatPage
from tests.browser.conftest import on_a_phone
from tests.browser.facts import import_conversations, import_facts
from tests.fake_upstream import FakeUpstream


@pytest.fixture
def visitor(chat: ChatPage) -> ChatPage:
    """A visitor with two conversations, who has the list open."""
    import_conversations(chat, "About cats", "About dogs")
    return chat


@on_a_phone
def test_a_search_finds_titles_and_messages_and_marks_the_words(visitor: ChatPage, upstream: FakeUpstream) -> None:
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


def test_words_are_found_in_any_order_and_across_lines_and_are_selected(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.answer(
        "Filler.\n\n" * 40 + "내일 **서울**의\n[날씨](https://elsewhere.example)는 맑아요." + "\n\nFiller." * 40
    )
    chat.ask("How will it be?")
    _search(chat, "날씨 서울 내일")
    expect(_results(chat).locator("mark")).to_have_text(["내일", "서울", "날씨"])
    _results(chat).click()
    expect(chat.answer.get_by_text("서울", exact=True)).to_be_in_viewport()
    chat.wait_until_selected("내일 서울의 날씨")


def test_opening_a_match_loads_and_shows_an_old_message(chat: ChatPage) -> None:
    import_facts(chat, 50)
    _search(chat, "fact number 12 ")
    _results(chat).click()
    expect(chat.answers.filter(has_text="Fact number 12 is")).to_be_focused()
    expect(chat.answers.filter(has_text="Fact number 12 is")).to_be_in_viewport()
    chat.wait_until_selected("Fact number 12")
    chat.ask("And now?")
    expect(chat.answer).to_be_in_viewport()
    chat.reload()
    expect(chat.answer).to_be_in_viewport()
    expect(chat.box).to_be_focused()


def test_opening_a_match_scrolls_to_the_words_in_a_long_message(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.answer("A **paragraph** of a story.\n\n" * 60 + "A treasure lies here.\n\n" + "It goes on.\n\n" * 60)
    chat.ask("Where is it?")
    for _ in range(2):  # the second time with the same match open already
        chat.wait_until_at_end()
        _search(chat, "TREASURE lies")
        _results(chat).click()
        expect(chat.answer.get_by_text("A treasure lies here.")).to_be_in_viewport()
        chat.wait_until_selected("treasure lies")
        chat.latest_button.click()


def test_a_match_opened_in_a_new_tab_changes_nothing_in_this_one(visitor: ChatPage) -> None:
    _search(visitor, "fake upstream")
    with visitor.page.context.expect_page() as other:
        _results(visitor).filter(has_text="About cats").click(modifiers=["ControlOrMeta"])
    expect(ChatPage(other.value, visitor.url).questions).to_have_text(["About cats"])
    visitor.open_list()
    visitor.conversation_link("About dogs").click()
    expect(visitor.questions).to_have_text(["About dogs"])


def test_the_search_works_with_the_keyboard_alone(visitor: ChatPage) -> None:
    keyboard = visitor.page.keyboard
    keyboard.press("Control+k")
    expect(_searchbox(visitor)).to_be_focused()
    keyboard.type("zebra")
    expect(visitor.page.get_by_text("Nothing found.")).to_be_visible()
    keyboard.press("Escape")
    expect(_searchbox(visitor)).to_be_hidden()
    keyboard.press("Control+k")
    _searchbox(visitor).fill("")
    expect(visitor.page.get_by_role("dialog", name="Search").get_by_role("heading", name="Recent")).to_be_visible()
    expect(_results(visitor)).to_have_text(["About dogs", "About cats"])
    for key in ("ArrowDown", "ArrowDown", "ArrowUp"):
        keyboard.press(key)
    expect(_results(visitor).first).to_be_focused()
    keyboard.press("ArrowUp")
    expect(_searchbox(visitor)).to_be_focused()
    keyboard.type("cats")
    keyboard.press("Enter")  # before the results arrive, which must not open an earlier one
    expect(_results(visitor)).to_have_count(1)
    expect(visitor.questions).to_have_count(0)
    keyboard.press("Enter")
    expect(visitor.questions).to_have_text(["About cats"])
    expect(_searchbox(visitor)).to_be_hidden()


def _searchbox(chat: ChatPage) -> Locator:
    return chat.page.get_by_role("searchbox", name="Search")


def _search(chat: ChatPage, text: str) -> None:
    chat.open_list()
    chat.navigation.get_by_role("button", name="Search", exact=True).click()
    expect(_searchbox(chat)).to_be_focused()
    _searchbox(chat).fill(text)
    # The results of the earlier query stay until then.
    expect(chat.page.get_by_role("dialog", name="Search").locator("[data-query]")).to_have_attribute("data-query", text)


def _results(chat: ChatPage) -> Locator:
    return chat.page.get_by_role("dialog", name="Search").get_by_role("link")
