"""``/docs`` without internet access and under its Content Security Policy."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Request, expect

from tests.app_server import AppServer
from tests.browser.chat_page import ChatPage

POST_STREAM = re.compile(r"^post \u200b?\/stream$")  # with an invisible break opportunity


@pytest.fixture
def trouble(chat: ChatPage, server: AppServer) -> list[str]:
    """Requests of the page to other servers, and errors in the browser's console."""
    trouble: list[str] = []

    def note(request: Request) -> None:
        if urlsplit(request.url).scheme.startswith("http") and not request.url.startswith(server.url):
            trouble.append(request.url)

    chat.page.on("request", note)
    chat.page.on("console", lambda message: trouble.append(message.text) if message.type == "error" else None)
    return trouble


def test_docs_describe_the_api_without_fetching_from_other_servers(
    chat: ChatPage, server: AppServer, trouble: list[str]
) -> None:
    chat.page.goto(f"{server.url}/docs")
    expect(chat.page.get_by_role("heading", name="Chat")).to_be_visible()
    expect(chat.page.get_by_role("button", name=POST_STREAM)).to_be_visible()
    assert trouble == []
