"""Server benchmarks: start time, and memory of idle pages."""

import asyncio
import time
from contextlib import AsyncExitStack

from tests.benchmarks.bench import Bench
from tests.benchmarks.chats import Chat
from tests.benchmarks.chromium import Chromium
from tests.benchmarks.page_run import QUIET
from tests.benchmarks.resources import resident_bytes
from tests.benchmarks.table import Table, kilobytes, seconds

IDLE_PAGES = 30


async def second_start(bench: Bench) -> Table:
    """Start without changes: ``python -m chat_app``, and ``reflex run --env prod`` for the baseline."""
    table = Table("Second start of the server, until it answers", ("", "after"))
    for chat in (bench.ours, bench.plain):
        chat.server.kill()
        began = time.monotonic()
        chat.server.start()
        table.rows.append([chat.name, seconds(time.monotonic() - began)])
    return table


async def idle_pages(bench: Bench) -> Table:
    """Memory of idle pages."""
    table = Table(f"Server memory of each of {IDLE_PAGES} idle pages", ("", "per page"))
    browser = await bench.browser()
    for chat in bench.chats:
        table.rows.append([chat.name, kilobytes(await _memory_per_page(browser, chat))])
    return table


async def _memory_per_page(browser: Chromium, chat: Chat) -> float:
    async with AsyncExitStack() as pages:
        await _open(pages, browser, chat, 5)  # warm-up, which doesn't count
        before = resident_bytes(chat.server.group)
        await _open(pages, browser, chat, IDLE_PAGES)
        return (resident_bytes(chat.server.group) - before) / IDLE_PAGES


async def _open(pages: AsyncExitStack, browser: Chromium, chat: Chat, count: int) -> None:
    for _ in range(count):
        context = await pages.enter_async_context(browser.context())
        tab = await browser.tab(context)
        await tab.page.goto(await chat.address(context, 0))
        await tab.page.evaluate("boxAnswers")
    await asyncio.sleep(QUIET)
