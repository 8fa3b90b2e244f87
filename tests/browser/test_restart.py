"""Restarts of the server and dropped connections, after which an open page reconnects."""

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.app_server import AppServer
from tests.browser.chat_page import CONVERSATION_ADDRESS, ChatPage
from tests.browser.conftest import NewVisitor, with_settings
from tests.browser.facts import import_facts
from tests.database import execute
from tests.fake_upstream import FakeUpstream

BEGINNING = "Once upon a time."
STORY = f"{BEGINNING} The end."
BUILDING = "Creating Production Build"  # in Reflex's log
RECONNECTION = 20_000  # milliseconds, at most
ANSWERS = "SELECT text, status FROM messages JOIN message_parts ON message_id = id"


def test_an_answer_interrupted_by_a_restart_says_so_and_can_be_tried_again(
    chat: ChatPage, server: AppServer, upstream: FakeUpstream
) -> None:
    _start(chat, upstream)
    _wait_until_saved(server)
    _mark(chat.page)
    server.kill()
    expect(chat.page.get_by_text("Reconnecting")).to_be_visible(timeout=RECONNECTION)
    expect(chat.answer).to_contain_text(BEGINNING)
    server.start()

    expect(chat.alert).to_contain_text("The server stopped while this answer was being written.", timeout=RECONNECTION)
    expect(chat.page.get_by_text("Reconnecting")).to_be_hidden()
    expect(chat.answers).to_have_count(1)
    expect(chat.answer).to_contain_text(BEGINNING)
    expect(chat.answer.get_by_role("alert")).to_have_count(1)
    expect(chat.stop_button).to_be_hidden()
    assert _is_marked(chat.page), "the page was loaded again"

    upstream.release()
    upstream.answer("Another story.")
    chat.try_again_button.click()
    expect(chat.answers).to_contain_text(["Another story."])
    expect(chat.questions).to_have_text(["Tell me a story"])
    expect(chat.alert).to_have_count(0)
    assert upstream.calls == 2


@pytest.mark.one_worker  # several wait until the answer's lease has run out
def test_a_restart_stores_an_answer_as_interrupted_and_neither_builds_the_page_nor_writes_into_the_folder(
    chat: ChatPage, server: AppServer, upstream: FakeUpstream
) -> None:
    """Without an open page. The folder may be read-only, and moved after the build."""
    shutil.rmtree(server.folder / "assets/external", ignore_errors=True)  # absolute links that a build makes
    before, files = server.log.count(BUILDING), _files(server.folder)
    _start(chat, upstream)
    _wait_until_saved(server)
    expect(chat.page).to_have_url(CONVERSATION_ADDRESS)
    conversation_id = chat.page.url.rpartition("/")[2]
    chat.page.close()
    server.restart()
    query = f"{ANSWERS} WHERE conversation_id = :id AND role = 'assistant'"
    assert _stored(server, query, id=conversation_id) == [(BEGINNING, "interrupted")]
    assert server.log.count(BUILDING) == before
    assert _files(server.folder) == files


def test_an_answer_interrupted_by_a_restart_can_be_continued(
    chat: ChatPage, server: AppServer, upstream: FakeUpstream
) -> None:
    _start(chat, upstream)
    _wait_until_saved(server)
    server.restart()
    expect(chat.answer).to_contain_text("The server stopped while this answer was being written.", timeout=RECONNECTION)
    upstream.release()
    upstream.answer(" And then?")
    chat.answer.get_by_role("button", name="Continue", exact=True).click()
    expect(chat.answer).to_contain_text(f"{BEGINNING} And then?")


def test_a_message_stays_in_the_box_while_the_server_is_down(
    chat: ChatPage, server: AppServer, upstream: FakeUpstream
) -> None:
    chat.ask("Hello")
    server.kill()
    expect(chat.page.get_by_text("Reconnecting")).to_be_visible(timeout=RECONNECTION)
    chat.say("Are you there?")
    expect(chat.send_button).to_be_disabled()
    expect(chat.box).to_have_value("Are you there?")
    server.start()
    expect(chat.send_button).to_be_enabled(timeout=RECONNECTION)
    expect(chat.box).to_have_value("Are you there?")
    chat.box.press("Enter")
    expect(chat.questions).to_have_text(["Hello", "Are you there?"])
    chat.wait_until_answered()
    expect(chat.box).to_have_value("")
    assert upstream.calls == 2


def test_an_answer_is_complete_after_a_dropped_connection(new_visitor: NewVisitor, upstream: FakeUpstream) -> None:
    chat = new_visitor()
    connections = _connections(chat)
    _start(chat, upstream)
    _mark(chat.page)
    connections[-1].drop()
    upstream.release()
    expect(chat.answers).to_have_text([STORY])
    chat.wait_until_answered()
    assert _is_marked(chat.page), "the page was loaded again"
    assert len(connections) > 1
    assert upstream.calls == 1


def test_earlier_messages_stay_loaded_after_a_dropped_connection(new_visitor: NewVisitor) -> None:
    chat = new_visitor()
    import_facts(chat, 40)
    chat.conversation_link("Facts").click()
    expect(chat.answers.first).to_contain_text("Fact number 25 ")
    connections = _connections(chat)
    chat.page.get_by_role("button", name="Earlier messages").press("Enter")
    first = chat.answers.filter(has_text="Fact number 10 ")
    expect(first).to_be_attached()
    connections[-1].drop()
    chat.ask("Are you there?")
    assert len(connections) > 1
    expect(first).to_be_attached()


@pytest.mark.long
@with_settings(REFLEX_REDIS_TOKEN_EXPIRATION="2")
def test_the_state_of_an_open_page_does_not_expire(chat: ChatPage) -> None:
    chat.ask("Hello")
    other = chat.open_second_tab()
    chat.page.wait_for_timeout(5_000)  # an idle page, longer than a state lives
    other.ask("And from over here?")
    expect(chat.questions).to_have_text(["Hello", "And from over here?"])
    expect(chat.answers).to_have_count(2)


def test_messages_lost_with_the_connection_return_to_the_box(chat: ChatPage, upstream: FakeUpstream) -> None:
    connections = _connections(chat)
    chat.ask("Hello")
    connections[-1].lose_what_the_page_sends()
    chat.say("Are you there?")
    expect(chat.box).to_have_value("")
    chat.say("Hello?")
    chat.box.fill("Well then")
    connections[-1].drop()
    expect(chat.box).to_have_value("Are you there?\n\nHello?\n\nWell then")
    expect(chat.questions).to_have_text(["Hello"])
    chat.box.press("Enter")
    expect(chat.questions).to_have_count(2)
    chat.wait_until_answered()
    chat.reload()
    expect(chat.box).to_have_value("")
    assert upstream.calls == 2


def test_a_message_lost_with_the_connection_returns_to_the_box_after_a_reload(
    chat: ChatPage, upstream: FakeUpstream
) -> None:
    connections = _connections(chat)
    connections[-1].lose_what_the_page_sends()
    chat.say("Are you there?")
    expect(chat.box).to_have_value("")
    chat.reload()
    expect(chat.box).to_have_value("Are you there?")
    chat.box.press("Enter")
    expect(chat.questions).to_have_text(["Are you there?"])
    chat.wait_until_answered()
    assert upstream.calls == 1


def test_a_message_that_reached_the_server_does_not_return_to_the_box(chat: ChatPage, upstream: FakeUpstream) -> None:
    connections = _connections(chat)
    chat.ask("Hello")
    connections[-1].lose_what_the_server_sends()
    chat.say("Are you there?")
    assert upstream.wait_calls(2)
    connections[-1].drop()
    expect(chat.questions).to_have_text(["Hello", "Are you there?"])
    _wait_until_settled(chat)
    expect(chat.box).to_have_value("")


def test_a_first_message_that_reached_the_server_does_not_return_to_the_box(
    chat: ChatPage, upstream: FakeUpstream
) -> None:
    connections = _connections(chat)
    connections[-1].lose_what_the_server_sends()
    chat.say("Are you there?")
    assert upstream.wait_calls(1)
    connections[-1].drop()
    expect(chat.conversation_link("Are you there?")).to_be_visible()
    _wait_until_settled(chat)
    expect(chat.box).to_have_value("")


def test_a_message_sent_while_the_page_reconnects_is_sent_once(chat: ChatPage, upstream: FakeUpstream) -> None:
    connections = _connections(chat)
    chat.ask("Hello")
    connections[-1].drop()
    chat.ask("Are you there?")
    _wait_until_settled(chat)
    expect(chat.box).to_have_value("")
    expect(chat.questions).to_have_text(["Hello", "Are you there?"])
    assert upstream.calls == 2


@dataclass(frozen=True)
class _Connection:
    """Both ends of a websocket connection between the page and the server."""

    page: WebSocketRoute
    server: WebSocketRoute

    def lose_what_the_page_sends(self) -> None:
        self.page.on_message(lambda _: None)

    def lose_what_the_server_sends(self) -> None:
        self.server.on_message(lambda _: None)

    def drop(self) -> None:
        self.page.close(code=3001, reason="dropped")


def _connections(chat: ChatPage) -> list[_Connection]:
    """Reload the page and record its connections from then on."""
    connections: list[_Connection] = []
    chat.page.route_web_socket(
        lambda url: "/_event" in url,
        lambda socket: connections.append(_Connection(socket, socket.connect_to_server())),
    )
    chat.reload()
    return connections


def _wait_until_settled(chat: ChatPage) -> None:
    """Wait until the server has acknowledged all that the page has sent."""
    chat.page.wait_for_function("sessionStorage.getItem('sent') === '[]'")


def _start(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.answer(STORY, chunk_size=len(BEGINNING))
    upstream.hold(after=1)
    chat.say("Tell me a story")
    expect(chat.answer).to_have_text(BEGINNING)


def _wait_until_saved(server: AppServer) -> None:
    """Wait until the text so far is in the database."""
    deadline = time.monotonic() + 5
    while not _stored(server, f"{ANSWERS} WHERE status = 'streaming' AND text = :text", text=BEGINNING):
        assert time.monotonic() < deadline, "the text isn't saved"
        time.sleep(0.05)


def _stored(server: AppServer, query: str, **values: str) -> Sequence[Any]:
    return execute(server.database_url, query, values)


def _files(folder: Path) -> dict[Path, int]:
    """Return the modification times of the files that a start could change."""
    parts = (
        folder / "chat_app",
        folder / "assets",
        folder / "reflex.lock",
        folder / ".web/build",
        folder / ".web/backend",
    )
    files = [file for part in parts for file in part.rglob("*") if file.is_file()]
    files += [file for file in (folder / ".web").iterdir() if file.is_file()]
    return {file: file.stat().st_mtime_ns for file in files if "__pycache__" not in file.parts}


def _mark(page: Page) -> None:
    page.evaluate("window.isMarked = true")


def _is_marked(page: Page) -> bool:
    return page.evaluate("window.isMarked === true")
