"""Browser benchmarks: answers, visits, conversations."""

import asyncio
import math
import time
from contextlib import suppress
from statistics import median

from tests.benchmarks.bench import Bench
from tests.benchmarks.chats import MARK, Chat
from tests.benchmarks.chromium import Chromium, Tab
from tests.benchmarks.page_run import LOADING, QUIET, TOKEN_CHARS, NotLoaded, PageRun, answer, ask, opened, run
from tests.benchmarks.table import Table, kilobytes, milliseconds, seconds
from tests.fake_upstream import FakeUpstream, answer_scenario

FIRST_TOKENS = 15
VISITS = 5


async def after_earlier_messages(bench: Bench) -> Table:
    """An answer after an increasing number of earlier messages."""
    table = Table(
        "Page: an answer of 500 tokens (3 kB) at 100 tokens/s",
        ("earlier messages", "", "shown after", "CPU: main thread", "whole renderer", "payload", "wire"),
        notes=_notes(
            "CPU is that of the page's process; payload is what its websocket received before compression.",
            f"Not loaded: the earlier messages weren't all on the page after {LOADING} s.",
            bench.left_out,
        ),
    )
    bench.upstream.default = answer(500, 100)
    for earlier in (0, 20, 100, 1000):
        for chat in bench.chats_and_peers:
            cells = ["not loaded", *"----"]
            with suppress(NotLoaded):
                cells = _cells(await run(await bench.browser(), chat, earlier, patience=bench.patience), bench.patience)
            table.rows.append([str(earlier), chat.name, *cells])
    return table


async def as_fast_as_they_come(bench: Bench) -> Table:
    """A burst: the model streams without pauses."""
    table = Table(
        "Page: an answer of 2000 tokens (12 kB), as fast as they come",
        ("", "shown after", "CPU: main thread", "whole renderer", "payload", "wire"),
        notes=bench.left_out,
    )
    bench.upstream.default = answer(2000, math.inf)
    for chat in bench.chats_and_peers:
        done = await run(await bench.browser(), chat, patience=bench.patience)
        table.rows.append([chat.name, *_cells(done, bench.patience)])
    return table


async def long_answer(bench: Bench) -> Table:
    """Cost of a part of a long answer, compared with a part of a short one."""
    table = Table(
        "Page: a long answer at 200 tokens/s",
        ("answer", "", "shown after", "CPU: main thread, per kB", "wire, per answer byte"),
    )
    for tokens in (500, 64_000 // TOKEN_CHARS):
        bench.upstream.default = answer(tokens, 200)
        chars = tokens * TOKEN_CHARS
        for chat in bench.chats:
            done = await run(await bench.browser(), chat, patience=bench.patience)
            costs = (milliseconds(done.cost.main_thread * 1000 / chars), f"{done.cost.wire / chars:.2f}")
            if done.wall is None:  # the costs are those of a part of unknown length
                costs = ("", "")
            table.rows.append([kilobytes(chars), chat.name, _wall(done, bench.patience), *costs])
    return table


async def first_token(bench: Bench) -> Table:
    """Time to first token: from the model's first byte to the pixel."""
    table = Table(
        f"Page: from the model's first byte until it is painted, {FIRST_TOKENS} answers",
        ("", "median", "worst"),
        notes=bench.left_out,
    )
    for chat in bench.chats_and_peers:
        async with opened(await bench.browser(), chat, 0) as tab:
            waits = [
                await _first_token(bench.upstream, tab, chat, f"{MARK}{number:02}") for number in range(FIRST_TOKENS)
            ]
        table.rows.append([chat.name, milliseconds(median(waits)), milliseconds(max(waits))])
    return table


async def first_visit(bench: Bench) -> Table:
    """A first visit, with empty caches."""
    table = Table(
        f"First visit, caches empty, median of {VISITS}",
        ("", "bytes", "box to write in", "Enter works", "CPU"),
        notes=_notes("Enter works once the page's framework has taken the box over.", bench.left_out),
    )
    for chat in bench.chats_and_peers:
        visits = [await _first_visit(await bench.browser(), chat) for _ in range(VISITS)]
        received, shown, answers, cpu = (median(values) for values in zip(*visits, strict=True))
        table.rows.append([chat.name, kilobytes(received), seconds(shown), seconds(answers), seconds(cpu)])
    return table


async def opening(bench: Bench) -> Table:
    """Opening a long conversation with warm caches."""
    table = Table(
        f"Opening a conversation of 1000 messages of 1 kB, caches warm, median of {VISITS}",
        ("", "newest message shown after", "wire"),
    )
    for chat in bench.chats:
        openings = [await _opening(await bench.browser(), chat) for _ in range(VISITS)]
        after, received = (median(values) for values in zip(*openings, strict=True))
        table.rows.append([chat.name, seconds(after), kilobytes(received)])
    return table


def _cells(done: PageRun, patience: float) -> list[str]:
    cost = done.cost
    cpu = seconds(cost.main_thread), seconds(cost.renderer)
    payload = kilobytes(cost.payload) if cost.payload else "-"  # not every chat has a websocket
    return [_wall(done, patience), *cpu, payload, kilobytes(cost.wire)]


def _notes(*notes: str) -> str:
    return "\n".join(filter(None, notes))


def _wall(done: PageRun, patience: float) -> str:
    return f"> {patience:.0f} s" if done.wall is None else seconds(done.wall)


async def _first_token(upstream: FakeUpstream, tab: Tab, chat: Chat, mark: str) -> float:
    upstream.default = answer_scenario(f"{mark} and so on", chunk_size=len(mark))
    upstream.hold(0)
    await tab.watch(mark)
    await ask(tab.page, chat)
    await asyncio.to_thread(upstream.wait_held)
    await asyncio.sleep(QUIET)
    began = time.time()
    upstream.release()
    shown = await tab.shown()
    await asyncio.sleep(QUIET)
    assert shown, "the first token never came"
    return shown - began


async def _first_visit(browser: Chromium, chat: Chat) -> tuple[float, float, float, float]:
    async with browser.context() as context:
        tab = await browser.tab(context)
        address = await chat.address(context, 0)
        before = await tab.cost()
        await tab.page.goto(address)
        times = await tab.page.evaluate("Promise.all([performance.timeOrigin / 1000, boxShown, boxAnswers])")
        await asyncio.sleep(QUIET)
        cost = await tab.cost() - before
        began, shown, answers = times
        return cost.wire, shown - began, answers - began, cost.main_thread


async def _opening(browser: Chromium, chat: Chat) -> tuple[float, float]:
    async with browser.context() as context:
        tab = await browser.tab(context)
        address = await chat.address(context, 1000)
        await tab.page.goto(chat.server.url)
        await asyncio.sleep(QUIET)
        await tab.watch_after_load(MARK)
        before = await tab.cost()
        await tab.page.goto(address)
        began, shown = await tab.page.evaluate("Promise.all([performance.timeOrigin / 1000, shown])")
        await asyncio.sleep(QUIET)
        return shown - began, (await tab.cost() - before).wire
