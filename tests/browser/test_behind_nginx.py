"""The page behind nginx with HTTPS, as ``.deploy`` configures it, below a path of its host."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.app_server import AppServer
from tests.browser.built_page import copy_web
from tests.browser.chat_page import CONVERSATION_ADDRESS, ChatPage
from tests.fake_upstream import FakeUpstream
from tests.proxies import HOST, nginx
from tests.server_process import free_port

PATH = "/chat"


@pytest.fixture
def proxied(production_server: AppServer, upstream: FakeUpstream, tmp_path: Path) -> Iterator[str]:
    """The address of the app below the path, with a page built for it."""
    listening = free_port()
    server = AppServer(
        tmp_path / "app",
        REFLEX_FRONTEND_PATH=PATH,
        OPENAI_BASE_URL=upstream.base_url,
        ALLOWED_ORIGINS=f"https://127.0.0.1:{listening},https://{HOST}",
        COOKIE_SECURE="true",
        TRUSTED_PROXIES="127.0.0.1",
    )
    copy_web(production_server.folder / ".web", server.folder / ".web")  # with the packages that are installed there
    with server, nginx(tmp_path, server.port, PATH, listening=listening) as url:
        yield url


@pytest.mark.long
def test_a_visitor_chats_below_a_path(proxied: str, chromium: Browser, upstream: FakeUpstream) -> None:
    context = chromium.new_context(ignore_https_errors=True, locale="en-US")
    page = context.new_page()
    failed: list[str] = []
    page.on("response", lambda response: failed.append(response.url) if response.status >= 400 else None)
    chat = ChatPage(page, f"{proxied}{PATH}")
    chat.open()
    upstream.answer("Here it is.")
    chat.say("The first question")
    chat.box.fill("The next one")
    expect(chat.answer).to_contain_text("Here it is.")
    expect(page).to_have_url(CONVERSATION_ADDRESS)
    assert page.url.startswith(f"{proxied}{PATH}/chat/")
    page.reload()
    expect(chat.answer).to_contain_text("Here it is.")
    expect(chat.box).to_have_value("The next one")  # the draft of this conversation, no longer of a new one
    chat.start_new_chat()
    expect(page).to_have_url(f"{proxied}{PATH}/")
    expect(chat.answers).to_have_count(0)
    expect(chat.box).to_have_value("")
    chat.conversation_link("The first question").click()
    expect(chat.answer).to_contain_text("Here it is.")
    (cookie,) = context.cookies()
    assert (cookie.get("path"), cookie.get("secure")) == (PATH, True)
    assert failed == []
    context.close()
