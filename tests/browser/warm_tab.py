"""A browser tab that the tests of a process use one after the other."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Error, Page, ViewportSize

PATIENCE = 10_000  # milliseconds

# Methods whose effect on a page or a context lasts as long as it is open.
_LASTING = ("add_init_script", "route_web_socket", "expose_function", "expose_binding")


class WarmTab:
    """A tab in which each test is a new visitor.

    The app's scripts are compiled in it already, so that loading a page takes half the time that it takes in a new
    browser context. Cookies, storage, permissions, routes and emulated media are reset after each test. A test may do
    what can't be undone, such as adding an init script or closing the page: the next one gets a new tab then.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._context: BrowserContext | None = None
        self._errors: list[str] = []

    @contextmanager
    def visit(self, url: str, window: ViewportSize) -> Iterator[Page]:
        """Lend the tab to a new visitor of the site at ``url``."""
        context = self._context or self._open()
        self._page.set_viewport_size(window)
        yield self._page
        errors = self._errors.copy()
        try:
            self._reset(context, url)
        except Error:  # the page, or the server, is gone
            self.close()
        self._errors.clear()
        assert errors == [], "scripts of the page failed"

    def close(self) -> None:
        if self._context:
            self._context.close()
            self._context = None

    def _open(self) -> BrowserContext:
        self._context = context = self._browser.new_context(locale="en-US")
        context.set_default_timeout(PATIENCE)
        context.on("weberror", lambda event: self._errors.append(str(event.error)))
        self._page = context.new_page()
        self._is_spoiled = False
        for target in (self._page, context):
            for name in _LASTING:
                setattr(target, name, self._spoiling(getattr(target, name)))
        return context

    def _reset(self, context: BrowserContext, url: str) -> None:
        if self._is_spoiled or self._page.is_closed():
            self.close()
            return
        for page in context.pages:
            if page != self._page:
                page.close()
        self._page.unroute_all(behavior="ignoreErrors")
        context.unroute_all(behavior="ignoreErrors")
        # Same-origin and without scripts: the app ends, and can store nothing afterwards.
        self._page.goto(f"{url}/ping")
        self._page.evaluate("localStorage.clear(); sessionStorage.clear()")
        self._page.emulate_media(media="null", color_scheme="null", reduced_motion="null")
        self._page.mouse.move(0, 0)
        context.clear_cookies()
        context.clear_permissions()

    def _spoiling(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def spoil(*arguments: Any, **options: Any) -> Any:
            self._is_spoiled = True
            return method(*arguments, **options)

        return spoil
