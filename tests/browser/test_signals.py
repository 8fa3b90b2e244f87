"""Graceful shutdown: a signal ends all processes of the server after the running answers."""

import signal
import socket
import sys
from contextlib import closing

import pytest
from playwright.sync_api import expect

from tests.app_server import AppServer, DevelopmentServer
from tests.browser.chat_page import ChatPage
from tests.browser.conftest import NewVisitor
from tests.fake_upstream import FakeUpstream, answer_scenario
from tests.stream_client import StreamClient, new_cookie

BEGINNING = "Once upon a time."
SENTENCE = "The server stopped while this answer was being written."

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")

TO_ONE = pytest.param(signal.SIGTERM, False, id="SIGTERM to the process that was started")
TO_ALL = pytest.param(signal.SIGINT, True, id="Ctrl-C, to all processes", marks=pytest.mark.long)


@pytest.mark.one_worker  # several wait for the end of held answers first (SHUTDOWN_GRACE)
@pytest.mark.parametrize(("number", "to_all"), [TO_ONE, TO_ALL])
def test_a_signal_ends_the_production_server_after_the_answers(
    new_visitor: NewVisitor, server: AppServer, upstream: FakeUpstream, number: signal.Signals, to_all: bool
) -> None:
    _assert_ends(server, new_visitor(), upstream, number, to_all=to_all)


@pytest.mark.parametrize(("number", "to_all"), [TO_ONE, TO_ALL])
def test_a_signal_ends_the_development_server_after_the_answers(
    new_developer: NewVisitor,
    development_server: DevelopmentServer,
    upstream: FakeUpstream,
    number: signal.Signals,
    to_all: bool,
) -> None:
    _assert_ends(development_server, new_developer(), upstream, number, to_all=to_all)


def _assert_ends(
    server: AppServer | DevelopmentServer,
    chat: ChatPage,
    upstream: FakeUpstream,
    number: signal.Signals,
    *,
    to_all: bool,
) -> None:
    upstream.default = answer_scenario(f"{BEGINNING} The end.", chunk_size=len(BEGINNING))
    upstream.hold(after=1)
    chat.say("Tell me a story")
    expect(chat.answer).to_have_text(BEGINNING)
    logged = len(server.log)
    with (
        closing(StreamClient(server.api_url, cookie=new_cookie())) as program,
        program.following("Tell me a story") as frames,
    ):
        assert next(frames).data == {"chunk": BEGINNING}
        server.send(number, to_all=to_all)
        error, done = (frame.data for frame in frames)
    assert error["error"]["code"] == done["status"] == "interrupted"
    expect(chat.answer).to_contain_text(BEGINNING)
    expect(chat.answer.get_by_role("alert")).to_contain_text(SENTENCE)
    server.wait()
    assert server.processes == []
    assert "Traceback" not in server.log[logged:]
    for url in (server.url, server.api_url):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])))
