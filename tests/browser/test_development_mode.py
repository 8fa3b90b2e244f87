"""Development mode: page and API on separate ports, and reload after an edit."""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.app_server import AppServer, DevelopmentServer
from tests.browser.chat_page import CONVERSATION_ADDRESS
from tests.browser.conftest import NewVisitor
from tests.fake_upstream import FakeUpstream

RELOAD = 90_000  # milliseconds, on a machine that may be busy


def test_an_answer_streams_in_development_mode_and_survives_a_reload(
    new_developer: NewVisitor, upstream: FakeUpstream, development_server: DevelopmentServer
) -> None:
    chat = new_developer()
    assert development_server.url != development_server.api_url
    upstream.answer("One two three", chunk_size=7)
    upstream.hold(after=1)
    chat.say("Count")
    expect(chat.answer).to_have_text("One two")
    upstream.release()
    expect(chat.answer).to_have_text("One two three")
    expect(chat.page).to_have_url(CONVERSATION_ADDRESS)
    chat.reload()
    expect(chat.questions).to_have_text(["Count"])
    expect(chat.answers).to_have_text(["One two three"])


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere this machine has no second address of its own")
def test_page_and_api_listen_on_this_machine_alone(development_server: DevelopmentServer, server: AppServer) -> None:
    for url in (development_server.url, development_server.api_url, server.url):
        port = int(url.rpartition(":")[2])
        socket.create_connection(("127.0.0.1", port)).close()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", port))


@pytest.mark.long
def test_an_edited_sentence_and_an_edited_style_change_on_the_open_page_and_a_draft_stays(
    new_developer: NewVisitor, development_server: DevelopmentServer
) -> None:
    """Both edits at once, since each reload takes long."""
    chat = new_developer()
    heading = chat.page.get_by_role("heading", level=2)
    expect(heading).to_have_text("What’s on your mind?")
    chat.box.fill("My thought")
    with (
        _edited(
            development_server.folder / "assets/theme.css", ".message-box {", ".message-box { letter-spacing: 7px;"
        ),
        _edited(development_server.folder / "chat_app/texts/english.py", "What’s on your mind?", "Well?"),
    ):
        expect(heading).to_have_text("Well?", timeout=RELOAD)
        expect(chat.box).to_have_css("letter-spacing", "7px", timeout=RELOAD)
    expect(heading).to_have_text("What’s on your mind?", timeout=RELOAD)
    expect(chat.box).to_have_css("letter-spacing", "normal", timeout=RELOAD)
    expect(chat.box).to_have_value("My thought")


@pytest.mark.long
def test_a_mistake_in_the_code_is_shown_on_the_page_until_it_is_corrected(
    new_developer: NewVisitor, development_server: DevelopmentServer
) -> None:
    chat = new_developer()
    chat.box.fill("My thought")
    with _edited(
        development_server.folder / "chat_app/components/conversation/greeting.py",
        "import reflex as rx",
        "import reflex as",
    ):
        expect(chat.alert).to_contain_text("chat_app/components/conversation/greeting.py, line ", timeout=RELOAD)
        expect(chat.alert).to_contain_text("SyntaxError")
    expect(chat.alert).to_be_hidden(timeout=RELOAD)
    expect(chat.box).to_have_value("My thought")
    expect(chat.send_button).to_be_enabled()


@contextmanager
def _edited(file: Path, old: str, new: str) -> Iterator[None]:
    original = file.read_text("utf-8")
    assert old in original
    file.write_text(original.replace(old, new), "utf-8")
    try:
        yield
    finally:
        file.write_text(original, "utf-8")
