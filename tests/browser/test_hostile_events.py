"""Events with hostile arguments, paths and stored variables, which any client can send."""

import pytest
from playwright.sync_api import expect

from tests.app_server import AppServer
from tests.browser.chat_page import ChatPage
from tests.browser.event_socket import EventSocket
from tests.browser.events import HYDRATE, events, stored_variables

NESTED: list[object] = []
for _ in range(200):
    NESTED = [NESTED]

LONG = "x" * 400_000  # twice in one event, for Socket.IO takes a megabyte at most

# One of each kind; more are in the unit tests of the handlers.
ANYTHING = [
    None,
    True,
    1e308,
    "",
    LONG,
    "\x00",
    NESTED,
    {"__proto__": {"message": "Hello"}},
    {"message": ["Hello"], "comment": {"comment": "Hello"}},
    {"message": LONG, "comment": "\x00"},
]
PATHS = ["", "/", "/chat", "/chat/", "/chat/x", "/chat/' OR 1=1; --", "/chat/\x00", f"/chat/{'x' * 10_000}", "//", "?"]


@pytest.fixture
def cookie() -> str:
    return f"chat_visitor={'A' * 43}"


def test_no_argument_address_or_stored_variable_makes_a_handler_fail(server: AppServer, chat: ChatPage) -> None:
    before = len(server.log)
    with EventSocket(server.url, f"{chat.cookie['name']}={chat.cookie['value']}") as socket:
        for value, path in zip(ANYTHING, PATHS, strict=True):
            socket.send(HYDRATE, {"vars": dict.fromkeys(stored_variables(), value)})
            for event in events():
                socket.send(event.name, dict.fromkeys(event.arguments, value), path=path)
            socket.wait_until_done()
    assert "Traceback" not in server.log[before:]


def test_events_without_a_cookie_make_no_handler_fail(server: AppServer) -> None:
    before = len(server.log)
    with EventSocket(server.url, "") as socket:
        for event in events():
            socket.send(event.name, dict.fromkeys(event.arguments, "Hello"))
        socket.wait_until_done()
    assert "Traceback" not in server.log[before:]


def test_an_unknown_event_is_logged_without_cookie_or_payload(server: AppServer, cookie: str) -> None:
    before = len(server.log)
    with EventSocket(server.url, cookie) as socket:
        socket.send("state.nothing", {"message": "my private words"})
        socket.wait_until_done()
    log = server.log[before:]
    assert "Event(name='state.nothing'" in log
    assert "my private words" not in log
    assert "chat_visitor=" not in log


def test_hostile_events_do_not_disturb_another_visitor(server: AppServer, chat: ChatPage, cookie: str) -> None:
    with EventSocket(server.url, cookie) as socket:
        for event in events():
            socket.send(event.name, dict.fromkeys(event.arguments, NESTED))
        chat.ask("Hello")
        expect(chat.answer).to_have_text("Hello from the fake upstream.")
        socket.wait_until_done()  # what isn't read delays the end of the connection by ten seconds
