"""A Chromium, the app and the model's server for all browser tests; a visitor of their own for each."""

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.app_server import AppServer
from tests.browser.chat_page import ChatPage
from tests.fake_upstream import FakeUpstream

_CHROMIUM_FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]

NewVisitor = Callable[..., ChatPage]

PATIENCE = 10_000  # milliseconds

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("Chromium is missing; on Debian and Ubuntu: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def upstream_port() -> int:
    """The same for all tests, so that they can share a server."""
    with FakeUpstream() as upstream:
        return int(upstream.base_url.rpartition(":")[2].removesuffix("/v1"))


@pytest.fixture
def upstream(upstream_port: int) -> Iterator[FakeUpstream]:
    """The model's server, fresh for each test."""
    with FakeUpstream(upstream_port) as upstream:
        yield upstream


@pytest.fixture(scope="package")
def server(upstream_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """The app in production mode."""
    folder = tmp_path_factory.mktemp("app")
    base_url = f"http://127.0.0.1:{upstream_port}/v1"
    with AppServer(folder, OPENAI_API_KEY="test-key", OPENAI_BASE_URL=base_url) as server:
        yield server


@pytest.fixture
def new_visitor(chromium: Browser, server: AppServer) -> Iterator[NewVisitor]:
    """Opens the app in a browser of a visitor's own; takes Playwright's options for browser contexts."""
    contexts: list[BrowserContext] = []

    def open_page(**options: object) -> ChatPage:
        context = chromium.new_context(**{"locale": "en-US", "viewport": {"width": 1280, "height": 800}, **options})
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        chat = ChatPage(context.new_page(), server.url)
        chat.open()
        return chat

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def chat(new_visitor: NewVisitor, upstream: FakeUpstream) -> ChatPage:
    """The page of a new visitor on a laptop."""
    return new_visitor()
