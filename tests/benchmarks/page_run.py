"""One answer in the browser, and its cost."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from playwright.async_api import Page
from playwright.async_api import TimeoutError as NotInTime

from tests.benchmarks.chats import Chat
from tests.benchmarks.chromium import Chromium, Cost, Tab
from tests.benchmarks.prose import prose
from tests.fake_upstream import Scenario, answer_scenario

MARK = "zyxolyx"
"""The last word of an answer, another one than a conversation's: a page may draw that again at any time."""

TOKEN_CHARS = 6
LOADING = 60  # seconds to wait for a conversation that was opened
QUIET = 1.5  # seconds after which a page that was loaded, or an answer that has ended, costs nothing more


class NotLoaded(Exception):
    """Timeout of loading a conversation's messages."""


@dataclass(frozen=True)
class PageRun:
    """An answer's cost, and the seconds from Enter until all of it was shown; ``None`` after the timeout."""

    wall: float | None
    cost: Cost


def answer(tokens: int, rate: float) -> Scenario:
    """An answer that ends with the mark.

    Args:
        rate: Tokens a second, ``inf`` for no pauses.
    """
    text = prose(tokens * TOKEN_CHARS - len(MARK) - 2, seed="answer") + f" {MARK}."
    return answer_scenario(text, chunk_size=TOKEN_CHARS, delay=1 / rate)


@asynccontextmanager
async def opened(browser: Chromium, chat: Chat, earlier: int) -> AsyncIterator[Tab]:
    """A conversation of ``earlier`` messages in a fresh browser, everything loaded."""
    async with browser.context() as context:
        tab = await browser.tab(context)
        await tab.page.goto(await chat.address(context, earlier))
        drawn = f"document.querySelectorAll({json.dumps(chat.messages)}).length >= {min(earlier, chat.drawn)}"
        try:
            await tab.page.wait_for_function(drawn, timeout=LOADING * 1000)
        except NotInTime as error:
            raise NotLoaded from error
        await asyncio.sleep(QUIET)
        yield tab


async def run(browser: Chromium, chat: Chat, earlier: int = 0, *, patience: float = 60) -> PageRun:
    """Ask in a conversation of ``earlier`` messages, and watch the answer up to its mark, ``patience`` seconds long.

    Raises:
        NotLoaded: The conversation's messages weren't shown in time.
    """
    async with opened(browser, chat, earlier) as tab:
        before = await tab.cost()
        await tab.watch(MARK, patience)
        await ask(tab.page, chat)
        shown, entered = await tab.shown(), await tab.page.evaluate("entered")
        await asyncio.sleep(QUIET)
        return PageRun(shown and shown - entered, await tab.cost() - before)


async def ask(page: Page, chat: Chat) -> None:
    """Write a question and press Enter."""
    box = page.locator(chat.box)
    await box.fill("What is this about?")
    await box.press("Enter")
