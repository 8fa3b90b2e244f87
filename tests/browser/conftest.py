"""Chromium, the app and the model's server, shared by all browser tests; a new visitor for each."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ViewportSize, expect, sync_playwright

from tests.app_server import AppServer, DevelopmentServer
from tests.browser.built_page import copy_web, start_with_page
from tests.browser.chat_page import ChatPage
from tests.browser.other_browsers import Firefox, MissingBrowserError, OtherBrowser, WebKit
from tests.browser.two_workers import TwoWorkers
from tests.browser.warm_tab import PATIENCE, WarmTab
from tests.chromium import FLAGS, MISSING, chromium_path
from tests.fake_upstream import FakeUpstream

NewVisitor = Callable[..., ChatPage]

LAPTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
WARM_UP = 60_000  # milliseconds

expect.set_options(timeout=PATIENCE)

at_both_widths = pytest.mark.parametrize("window", [LAPTOP, PHONE], ids=["laptop", "phone"], indirect=True)
"""Run a test in a laptop's window and in a phone's: for layout, and for elements that fold away on a phone."""

on_a_phone = pytest.mark.parametrize("window", [PHONE], ids=["phone"], indirect=True)
"""Run a test in a phone's window alone, where the layout is the narrower one."""


def with_settings(**settings: str) -> pytest.MarkDecorator:
    """Run a test with a server that has these settings."""
    return pytest.mark.parametrize("settings", [settings], ids=[f"with {', '.join(settings)}"])


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
    """Firefox, then WebKit, each with an empty profile."""
    try:
        with request.param() as browser:
            yield browser
    except MissingBrowserError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="package")
def upstream_port() -> int:
    """The port of the model's server, the same for all tests, so that they can share the app's server."""
    with FakeUpstream() as upstream:
        return upstream.port


@pytest.fixture
def upstream(upstream_port: int) -> Iterator[FakeUpstream]:
    """The model's server, fresh for each test."""
    with FakeUpstream(upstream_port) as upstream:
        yield upstream


@pytest.fixture(scope="package")
def production_server(
    request: pytest.FixtureRequest, upstream_port: int, shared_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AppServer]:
    """The app in production mode; on two workers with ``--two-workers``."""
    folder, base_url = tmp_path_factory.mktemp("app"), _base_url(upstream_port)
    if request.config.getoption("two_workers"):
        redis, postgres = request.getfixturevalue("redis_server"), request.getfixturevalue("postgres")
        server = TwoWorkers(folder, redis, postgres, OPENAI_BASE_URL=base_url)
    else:
        server = AppServer(folder, OPENAI_BASE_URL=base_url)
    start_with_page(server, shared_folder)
    yield server
    server.kill()


@pytest.fixture
def settings() -> dict[str, str]:
    """Settings of the app that differ from the defaults; set by ``with_settings``."""
    return {}


@pytest.fixture
def server(production_server: AppServer, settings: dict[str, str]) -> AppServer:
    """The app in production mode, restarted if the test before has ended it or used other settings."""
    production_server.ensure(**settings)
    return production_server


@pytest.fixture
def two_workers(server: AppServer) -> TwoWorkers:
    """``server``, for tests that run with ``--two-workers`` alone."""
    assert isinstance(server, TwoWorkers)
    return server


@pytest.fixture(scope="package")
def warm_development_server(
    production_server: AppServer, upstream_port: int, chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DevelopmentServer]:
    """The app in development mode after its first request, which compiles the page."""
    folder = tmp_path_factory.mktemp("development") / "app"
    ignored = shutil.ignore_patterns(".web")
    shutil.copytree(production_server.folder, folder, symlinks=True, ignore=ignored)
    copy_web(production_server.folder / ".web", folder / ".web")  # with the packages that are installed there
    # As if the virtual environment weren't activated.
    with DevelopmentServer(folder, OPENAI_BASE_URL=_base_url(upstream_port), PATH=os.defpath) as development_server:
        page = chromium.new_page()
        page.goto(development_server.url)
        expect(page).to_have_title("Chat", timeout=WARM_UP)
        page.close()
        yield development_server


@pytest.fixture
def development_server(warm_development_server: DevelopmentServer) -> DevelopmentServer:
    """The app in development mode, restarted if the test before has ended it."""
    warm_development_server.ensure()
    return warm_development_server


@pytest.fixture
def window(request: pytest.FixtureRequest) -> ViewportSize:
    """The size of the browser's window: a laptop's by default."""
    return getattr(request, "param", LAPTOP)


@pytest.fixture
def new_visitor(chromium: Browser, server: AppServer, window: ViewportSize) -> Iterator[NewVisitor]:
    """A function that opens the app in a browser context of its own; takes Playwright's options for contexts."""
    with _visitors(chromium, server.url, window) as new_visitor:
        yield new_visitor


@pytest.fixture
def new_developer(
    chromium: Browser, development_server: DevelopmentServer, window: ViewportSize
) -> Iterator[NewVisitor]:
    """A function that opens the app in development mode in a browser context of its own."""
    with _visitors(chromium, development_server.url, window) as new_visitor:
        yield new_visitor


@pytest.fixture(scope="package")
def warm_tab(chromium: Browser) -> Iterator[WarmTab]:
    tab = WarmTab(chromium)
    yield tab
    tab.close()


@pytest.fixture
def chat(warm_tab: WarmTab, server: AppServer, window: ViewportSize, upstream: FakeUpstream) -> Iterator[ChatPage]:
    """The page of a new visitor, in a tab that has shown it to visitors before: see ``WarmTab``."""
    with warm_tab.visit(server.url, window) as page:
        chat = ChatPage(page, server.url)
        chat.open()
        yield chat


def _base_url(upstream_port: int) -> str:
    return f"http://127.0.0.1:{upstream_port}/v1"


@contextmanager
def _visitors(chromium: Browser, url: str, window: ViewportSize) -> Iterator[NewVisitor]:
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
