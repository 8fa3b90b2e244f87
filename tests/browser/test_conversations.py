"""The list of conversations: order, days, paging, titles, pins, deletion, and changes made elsewhere."""

import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.sync_api import Locator, expect
from sqlalchemy import insert, select

from chat_app.infrastructure.sql.rows import conversation_values
from chat_app.infrastructure.sql.tables import conversation_table
from chat_app.models.conversation import Conversation
from tests.app_server import AppServer
from tests.browser.chat_page import CONVERSATION_ADDRESS, ChatPage
from tests.browser.conftest import NewVisitor, on_a_phone
from tests.browser.facts import import_conversations
from tests.database import execute
from tests.fake_upstream import FakeUpstream

pytestmark = pytest.mark.across_workers

SCROLLING = 60  # seconds, at most


@pytest.fixture
def visitor(chat: ChatPage) -> ChatPage:
    """A visitor with two conversations, who has the list open."""
    import_conversations(chat, "About cats", "About dogs")
    return chat


@on_a_phone
def test_a_conversation_can_be_renamed(visitor: ChatPage) -> None:
    visitor.act_on("About cats", "Rename")
    title = visitor.page.get_by_role("textbox", name="Title")
    expect(title).to_be_focused()
    expect(title).to_have_value("About cats")
    title.fill("고양이 이야기")
    title.press("Enter")
    expect(title).to_be_hidden()
    visitor.open_list()
    expect(visitor.conversation_link("고양이 이야기")).to_be_visible()
    visitor.page.reload()
    visitor.open_list()
    expect(_links(visitor)).to_have_text(["About dogs", "고양이 이야기"])


def test_a_pinned_conversation_is_above_all_others(visitor: ChatPage) -> None:
    visitor.act_on("About cats", "Pin")
    expect(_headings(visitor)).to_have_text(["Pinned", "Today"])
    expect(_links(visitor)).to_have_text(["About cats", "About dogs"])
    visitor.act_on("About cats", "Unpin")
    expect(_headings(visitor)).to_have_text(["Today"])
    expect(_links(visitor)).to_have_text(["About dogs", "About cats"])


def test_pressing_pin_before_the_menu_knows_of_the_pin_keeps_it(visitor: ChatPage) -> None:
    visitor.act_on("About cats", "Pin")
    expect(_links(visitor)).to_have_text(["About cats", "About dogs"])
    options = visitor.navigation.get_by_role("button", name="Options: About cats", exact=True)
    # In the same task, while the page asks whether the conversation is pinned.
    pin = visitor.page.get_by_role("button", name="Pin", exact=True, include_hidden=True)
    options.evaluate("(options, pin) => { options.click(); pin.click(); }", pin.element_handle())
    visitor.act_on("About dogs", "Rename")
    # Events are handled in order: once this title is shown, the pin has been handled.
    expect(visitor.page.get_by_role("textbox", name="Title")).to_have_value("About dogs")
    visitor.reload()
    expect(_headings(visitor)).to_have_text(["Pinned", "Today"])


@on_a_phone
def test_the_deletion_of_a_conversation_can_be_undone(visitor: ChatPage) -> None:
    visitor.act_on("About cats", "Delete")
    expect(_links(visitor)).to_have_text(["About dogs"])
    undo = visitor.page.get_by_role("button", name="Undo", exact=True)
    expect(undo).to_be_focused()
    undo.click()
    expect(_links(visitor)).to_have_text(["About dogs", "About cats"])
    expect(undo).to_have_count(0)


def test_a_deleted_conversation_is_gone_from_its_address(chat: ChatPage) -> None:
    chat.ask("About cats")
    expect(chat.page).to_have_url(CONVERSATION_ADDRESS)
    address = chat.page.url
    chat.act_on("About cats", "Delete")
    expect(chat.page).to_have_url(f"{chat.url}/")
    expect(chat.questions).to_have_count(0)
    chat.page.goto(address)
    expect(chat.page.get_by_role("heading", name="There is no such conversation")).to_be_visible()
    expect(_links(chat)).to_have_count(0)


def test_an_answer_begun_by_a_program_appears_while_it_runs(chat: ChatPage, upstream: FakeUpstream) -> None:
    chat.ask("About cats")
    expect(chat.page).to_have_url(CONVERSATION_ADDRESS)
    upstream.answer("They purr.")
    upstream.hold(after=1)
    question = {"message": "What do they do?", "conversation_id": chat.page.url.rpartition("/")[2]}
    cookies = {chat.cookie["name"]: chat.cookie["value"]}
    with httpx.stream("POST", f"{chat.url}/stream", json=question, cookies=cookies, trust_env=False):
        chat.open_list()
        expect(chat.navigation.get_by_role("img", name="Being answered")).to_be_visible()
        expect(chat.questions).to_have_text(["About cats", "What do they do?"])
        expect(chat.stop_button).to_be_visible()
        upstream.release()
        expect(chat.answer).to_have_text("They purr.")
        expect(chat.navigation.get_by_role("img", name="Being answered")).to_have_count(0)
        chat.wait_until_answered()
    expect(chat.navigation.get_by_role("img", name="Being answered")).to_have_count(0)


def test_a_second_tab_shows_new_messages_and_titles(chat: ChatPage, upstream: FakeUpstream) -> None:
    chat.ask("About cats")
    other = chat.open_second_tab()
    upstream.answer("They purr.")
    chat.ask("What do they do?")
    expect(other.questions).to_have_text(["About cats", "What do they do?"])
    expect(other.answer).to_have_text("They purr.")
    other.wait_until_answered()
    chat.act_on("About cats", "Rename")
    chat.page.get_by_role("textbox", name="Title").fill("Cats")
    chat.page.get_by_role("button", name="Save").click()
    expect(other.conversation_link("Cats")).to_be_visible()
    expect(other.page).to_have_title("Cats")
    expect(chat.page).to_have_title("Cats")


class TestManyConversations:
    def test_conversations_are_grouped_by_the_days_of_the_visitors_time_zone(self, new_visitor: NewVisitor) -> None:
        # One of them has another date than UTC at any moment: they are 14 hours ahead and 11 hours behind.
        zone = "Pacific/Niue" if datetime.now(UTC).hour < 10 else "Pacific/Kiritimati"
        chat = new_visitor(timezone_id=zone)
        import_conversations(chat, "Now")
        expect(_headings(chat)).to_have_text(["Today"])

    def test_a_thousand_conversations_are_loaded_in_pieces(
        self, chat: ChatPage, server: AppServer, upstream: FakeUpstream
    ) -> None:
        frames: list[str | bytes] = []
        keep = lambda frame: frames.append(frame)  # noqa: E731, PLW0108 - Playwright takes no built-in functions
        chat.page.on("websocket", lambda socket: socket.on("framereceived", keep))
        chat.ask_and_leave("The newest")
        _add_conversations(server, 1_000)
        chat.page.reload()
        chat.open_list()
        expect(_links(chat).nth(1)).to_have_text("Number 999")
        expect(_links(chat)).to_have_count(60)
        _scroll_until_seen(chat, "Number 850")
        assert _links(chat).count() == 60
        assert max(map(len, frames)) < 20_000
        _scroll_until_seen(chat, "The newest", up=True)


def _links(chat: ChatPage) -> Locator:
    return chat.navigation.get_by_role("listitem").get_by_role("link")


def _headings(chat: ChatPage) -> Locator:
    return chat.navigation.get_by_role("heading")


def _add_conversations(server: AppServer, count: int) -> None:
    """Add conversations for the owner of the newest one, number 0 the least recently used."""
    newest = select(conversation_table.c.owner).order_by(conversation_table.c.updated_at.desc()).limit(1)
    [[owner]] = execute(server.database_url, newest)
    start = datetime.now(UTC) - timedelta(days=1)
    new = [
        Conversation(owner=owner, title=f"Number {number}", created_at=when, updated_at=when)
        for number in range(count)
        for when in [start - timedelta(minutes=count - number)]
    ]
    execute(server.database_url, insert(conversation_table), *map(conversation_values, new))


def _scroll_until_seen(chat: ChatPage, title: str, *, up: bool = False) -> None:
    """Scroll the list with the wheel until it has the entry with this title."""
    _links(chat).first.hover()
    deadline = time.monotonic() + SCROLLING
    while not chat.conversation_link(title).count():
        assert time.monotonic() < deadline, f"{title} never came"
        chat.page.mouse.wheel(0, -1_500 if up else 1_500)
        chat.page.wait_for_timeout(20)
