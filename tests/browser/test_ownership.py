"""Ownership: no visitor can see, continue, stop or delete conversations of another."""

import re
from itertools import product

import pytest
from playwright.sync_api import WebSocket, expect

from tests.app_server import AppServer
from tests.browser.chat_page import CONVERSATION_ADDRESS, ChatPage
from tests.browser.conftest import NewVisitor
from tests.browser.event_socket import EventSocket
from tests.browser.events import events
from tests.fake_upstream import FakeUpstream

pytestmark = pytest.mark.across_workers

QUESTION = "The password is swordfish"
BEGINNING = "I keep swordfish"
ANSWER = f"{BEGINNING} to myself."
SECRET = "swordfish"  # noqa: S105 - what the stranger must not see
STRANGERS_QUESTION = "What do others say?"


class Owner:
    """A visitor with a conversation in which an answer streams.

    Attributes:
        ids: The ids of the conversation, the question and the answer.
    """

    def __init__(self, chat: ChatPage, upstream: FakeUpstream) -> None:
        self.chat = chat
        self.upstream = upstream
        frames: list[str] = []
        chat.page.on("websocket", lambda socket: _collect(socket, frames))
        chat.reload()
        upstream.answer(ANSWER, chunk_size=len(BEGINNING), when=QUESTION)
        upstream.hold(after=1)
        chat.say(QUESTION)
        expect(chat.answer).to_have_text(BEGINNING)
        expect(chat.page).to_have_url(CONVERSATION_ADDRESS)
        self.path = chat.page.url.removeprefix(chat.url)
        self.ids = sorted(set(re.findall(r"\b[0-9a-f]{32}\b", "".join(frames))))

    def assert_untouched(self) -> None:
        """Check that nothing was stopped, added, changed or removed."""
        expect(self.chat.stop_button).to_be_visible()
        self.upstream.release()
        expect(self.chat.answers).to_have_text([ANSWER])
        self.chat.wait_until_answered()
        self.chat.reload()
        expect(self.chat.questions).to_have_text([QUESTION])
        expect(self.chat.answers).to_have_text([ANSWER])
        expect(self.chat.conversation_link(QUESTION)).to_be_visible()


@pytest.fixture
def owner(chat: ChatPage, upstream: FakeUpstream) -> Owner:
    return Owner(chat, upstream)


@pytest.fixture
def stranger(new_visitor: NewVisitor) -> ChatPage:
    return new_visitor()


def test_a_conversations_address_shows_a_stranger_nothing_and_takes_no_message(
    owner: Owner, stranger: ChatPage
) -> None:
    stranger.open(owner.path)
    expect(stranger.page.get_by_role("heading", name="There is no such conversation")).to_be_visible()
    assert SECRET not in stranger.page.content()
    stranger.say(STRANGERS_QUESTION)
    expect(stranger.alert).to_contain_text("There is no such conversation")
    expect(stranger.box).to_have_value(STRANGERS_QUESTION)
    assert owner.upstream.calls == 1
    owner.assert_untouched()


def test_made_up_events_of_a_stranger_change_and_reveal_nothing(
    owner: Owner, stranger: ChatPage, server: AppServer, upstream: FakeUpstream
) -> None:
    upstream.fail(401, when=STRANGERS_QUESTION)
    log_before = len(server.log)
    with EventSocket(stranger.url, f"{stranger.cookie['name']}={stranger.cookie['value']}") as socket:
        for path, value in product((owner.path, "/"), (*owner.ids, {"message": STRANGERS_QUESTION})):
            for event in events():
                socket.send(event.name, dict.fromkeys(event.arguments, value), path=path)
        socket.wait_until_done()
        owner.assert_untouched()
        socket.wait_until_done()
    assert SECRET not in "".join(socket.frames)
    assert _tracebacks(server.log[log_before:]) == []


def _collect(socket: WebSocket, frames: list[str]) -> None:
    socket.on("framereceived", lambda frame: frames.append(str(frame)))


def _tracebacks(log: str) -> list[str]:
    """List the unexpected errors in the server's log."""
    return [line for line in log.splitlines() if re.match(r"\w[\w.]*(Error|Exception|NotFound)\b", line)]
