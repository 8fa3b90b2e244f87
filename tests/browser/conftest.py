"""A Chromium, the app and the model's server for all browser tests; a visitor of their own for each."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.app_server import AppServer, DevelopmentServer
from tests.browser.built_page import start_with_page
from tests.browser.chat_page import ChatPage
from tests.browser.other_browsers import Firefox, MissingBrowserError, OtherBrowser, WebKit
from tests.chromium import FLAGS, MISSING, chromium_path
from tests.fake_upstream import FakeUpstream

NewVisitor = Callable[..., ChatPage]

LAPTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
PATIENCE = 10_000  # milliseconds
WARM_UP = 60_000  # milliseconds

expect.set_options(timeout=PATIENCE)

at_both_widths = pytest.mark.parametrize("window", [LAPTOP, PHONE], ids=["laptop", "phone"], indirect=True)
"""Runs a test once in a laptop's window and once in a phone's."""


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    path = chromium_path()
    if path is None:
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(params=[Firefox, WebKit], ids=lambda browser: browser.name)
def other_browser(request: pytest.FixtureRequest) -> Iterator[OtherBrowser]:
    """Firefox, then WebKit: each with an empty profile."""
    try:
        with request.param() as browser:
            yield browser
    except MissingBrowserError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="package")
def upstream_port() -> int:
    """The same for all tests, so that they can share a server."""
    with FakeUpstream() as upstream:
        return upstream.port


@pytest.fixture
def upstream(upstream_port: int) -> Iterator[FakeUpstream]:
    """The model's server, fresh for each test."""
    with FakeUpstream(upstream_port) as upstream:
        yield upstream


@pytest.fixture(scope="package")
def server(upstream_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """The app in production mode."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    server = AppServer(tmp_path_factory.mktemp("app"), OPENAI_BASE_URL=_base_url(upstream_port))
    start_with_page(server, shared)
    yield server
    server.kill()


@pytest.fixture(scope="package")
def development_server(
    server: AppServer, upstream_port: int, chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DevelopmentServer]:
    """The app in development mode, warm: what a page consists of is put together when it is first asked for."""
    folder = tmp_path_factory.mktemp("development") / "app"
    shutil.copytree(server.folder, folder, symlinks=True)  # with the packages that are installed there
    # As if the virtual environment weren't activated.
    with DevelopmentServer(folder, OPENAI_BASE_URL=_base_url(upstream_port), PATH=os.defpath) as development_server:
        page = chromium.new_page()
        page.goto(development_server.url)
        expect(page).to_have_title("Chat", timeout=WARM_UP)
        page.close()
        yield development_server


@pytest.fixture
def window(request: pytest.FixtureRequest) -> dict[str, int]:
    """The size of the browser's window: a laptop's, unless the test says otherwise."""
    return getattr(request, "param", LAPTOP)


@pytest.fixture
def new_visitor(chromium: Browser, server: AppServer, window: dict[str, int]) -> Iterator[NewVisitor]:
    """Opens the app in a browser of a visitor's own; takes Playwright's options for browser contexts."""
    with _visitors(chromium, server.url, window) as new_visitor:
        yield new_visitor


@pytest.fixture
def new_developer(
    chromium: Browser, development_server: DevelopmentServer, window: dict[str, int]
) -> Iterator[NewVisitor]:
    """The same in development mode."""
    with _visitors(chromium, development_server.url, window) as new_visitor:
        yield new_visitor


@pytest.fixture
def chat(new_visitor: NewVisitor, upstream: FakeUpstream) -> ChatPage:
    """The page of a new visitor."""
    return new_visitor()


def _base_url(upstream_port: int) -> str:
    return f"http://127.0.0.1:{upstream_port}/v1"


@contextmanager
def _visitors(chromium: Browser, url: str, window: dict[str, int]) -> Iterator[NewVisitor]:
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_page(**options: Any) -> ChatPage:
        context = chromium.new_context(**{"locale": "en-US", "viewport": window, **options})
        context.set_default_timeout(PATIENCE)
        context.on("weberror", lambda event: errors.append(str(event.error)))
        contexts.append(context)
        chat = ChatPage(context.new_page(), url)
        chat.open()
        return chat

    yield open_page
    for context in contexts:
        context.close()
    assert errors == [], "scripts of the page failed"
