"""Chromium with measurements of processor time and traffic."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from typing import Self

from playwright.async_api import Browser, BrowserContext, CDPSession, Page, async_playwright

from tests.benchmarks.counting_proxy import CountingProxy
from tests.chromium import FLAGS, chromium_path

# Script of every page; times in seconds since 1970. It checks only the changed nodes, which is cheap.
_WATCH = """
  window.now = () => (performance.timeOrigin + performance.now()) / 1000;

  // When a text with the mark has been painted: after the frame that follows the change of the document.
  window.watch = (mark, patience) => new Promise((resolve) => {
    setTimeout(resolve, patience * 1000, null);
    const observer = new MutationObserver((records) => {
      const nodes = records.flatMap(({ type, target, addedNodes }) => type === "childList" ? [...addedNodes] : target);
      if (!nodes.some((node) => node.textContent.includes(mark))) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => resolve(now())));
    });
    observer.observe(document, { subtree: true, childList: true, characterData: true });
  });

  // When Enter was pressed last.
  addEventListener("keydown", (event) => { if (event.key === "Enter") window.entered = now(); }, { capture: true });

  // When there was a box to write into, and when a framework had taken it over, so that Enter does something: each
  // leaves properties of its own on an element that it handles. A box for files may be there long before.
  const when = (happened) => new Promise((resolve) => {
    const look = () => happened() ? resolve(now()) : requestAnimationFrame(look);
    look();
  });
  const box = () => document.querySelector("textarea, input:not([type=file])");
  window.boxShown = when(box);
  window.boxAnswers = when(() => Reflect.ownKeys(box() ?? {}).length > 0);
"""


@dataclass(frozen=True)
class Cost:
    """Resources used by the browser so far, or between two moments.

    Attributes:
        main_thread: Processor seconds of the page's main thread: scripts, style, layout.
        renderer: Processor seconds of the page's process: with garbage collection, and with painting, which without a
            GPU takes processor time too.
        payload: Bytes of websocket messages received, before compression.
        wire: Bytes received over the network, after compression, with all headers.
    """

    main_thread: float
    renderer: float
    payload: int
    wire: int

    def __sub__(self, earlier: Self) -> "Cost":
        return Cost(*(getattr(self, each.name) - getattr(earlier, each.name) for each in fields(self)))


class Tab:
    """The open page.

    Attributes:
        page: Playwright's page.
    """

    def __init__(self, page: Page, browser: CDPSession, session: CDPSession, wire: CountingProxy) -> None:
        self.page = page
        self._browser = browser
        self._session = session
        self._wire = wire
        self._payload = 0
        page.on("websocket", lambda socket: socket.on("framereceived", self._count))

    async def cost(self) -> Cost:
        """The cost so far."""
        metrics = (await self._session.send("Performance.getMetrics"))["metrics"]
        main_thread = next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")
        processes = (await self._browser.send("SystemInfo.getProcessInfo"))["processInfo"]
        renderer = sum(process["cpuTime"] for process in processes if process["type"] == "renderer")
        return Cost(main_thread, renderer, self._payload, self._wire.received)

    async def watch(self, mark: str, patience: float = 60) -> None:
        """Start watching for ``mark``, for ``patience`` seconds at most; ``shown`` returns the result."""
        await self.page.evaluate(f"{_watching(mark, patience)}; 0")

    async def watch_after_load(self, mark: str, patience: float = 60) -> None:
        """Watch for the mark on every page loaded from now on, from its beginning."""
        await self.page.add_init_script(_watching(mark, patience))

    async def shown(self) -> float | None:
        """The time at which the mark was painted, in seconds since 1970; ``None`` after the timeout."""
        return await self.page.evaluate("shown")

    def _count(self, payload: str | bytes) -> None:
        self._payload += len(payload.encode() if isinstance(payload, str) else payload)


class Chromium:
    """The browser, with all traffic counted."""

    def __init__(self, browser: Browser, session: CDPSession, wire: CountingProxy) -> None:
        self._browser = browser
        self._session = session
        self._wire = wire

    @asynccontextmanager
    async def context(self) -> AsyncIterator[BrowserContext]:
        """A context with empty cookies and caches."""
        context = await self._browser.new_context(locale="en-US")
        await context.add_init_script(_WATCH)
        try:
            yield context
        finally:
            await context.close()

    async def tab(self, context: BrowserContext) -> Tab:
        """An empty page."""
        page = await context.new_page()
        session = await context.new_cdp_session(page)
        # Processor time instead of wall time, which depends on the machine's other load.
        await session.send("Performance.enable", {"timeDomain": "threadTicks"})
        return Tab(page, self._session, session, self._wire)


@asynccontextmanager
async def open_chromium() -> AsyncIterator[Chromium]:
    """The installed Chromium, without a window."""
    with CountingProxy() as wire:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=chromium_path(), args=FLAGS, proxy={"server": wire.url}
            )
            yield Chromium(browser, await browser.new_browser_cdp_session(), wire)
            await browser.close()


def _watching(mark: str, patience: float) -> str:
    return f"window.shown = watch({json.dumps(mark)}, {patience})"
