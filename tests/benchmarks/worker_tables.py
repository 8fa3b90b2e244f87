"""Benchmarks of several workers: what Redis costs, and how far a second worker carries."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from statistics import median, quantiles
from time import monotonic

import psutil

from tests.benchmarks.bench import Bench
from tests.benchmarks.page_run import QUIET
from tests.benchmarks.steady_upstream import SteadyUpstream
from tests.benchmarks.stream_readers import Readers
from tests.benchmarks.stream_tables import PROBE_INTERVAL, PROBES, WARM_UP, WINDOW
from tests.benchmarks.table import Table, kilobytes, microseconds, milliseconds
from tests.browser.event_socket import EventSocket
from tests.browser.events import HYDRATE
from tests.server_process import ServerProcess
from tests.stream_client import new_cookie

PAGES = 300
PAUSE = 2.0  # seconds between measurements, in which abandoned answers end
STEP, STEP_SECONDS = 50, 3.0  # more readers in each step towards the most that is delivered in time
IN_TIME = 0.15  # seconds that 99 % of the chunks take at most
MOST_READERS = 1000


@dataclass(frozen=True)
class Workers:
    """A server under measurement, and the servers behind it.

    Attributes:
        redis: Redis' process; ``None`` if it runs without.
    """

    server: ServerProcess
    upstream: SteadyUpstream
    redis: psutil.Process | None = None

    @property
    def processes(self) -> list[psutil.Process]:
        """The processes that serve, without gunicorn's master."""
        return [each for each in self.server.processes if each.pid != self.server.group]


@dataclass
class Usage:
    """Processor seconds of the workers, of Redis and of this process, which is the model and all readers."""

    workers: float
    redis: float
    load: float
    at: float = field(default_factory=monotonic)

    @classmethod
    def of(cls, target: Workers) -> "Usage":
        redis = _cpu_seconds(target.redis) if target.redis else 0.0
        return cls(sum(map(_cpu_seconds, target.processes)), redis, _cpu_seconds(psutil.Process()))

    def since(self, earlier: "Usage") -> "Usage":
        """The difference; ``at`` becomes the time between both."""
        return Usage(
            self.workers - earlier.workers, self.redis - earlier.redis, self.load - earlier.load, self.at - earlier.at
        )


Rows = dict[str, str]
"""Results, by the name of their row."""


async def several_workers(bench: Bench) -> Table:
    """One worker without and with Redis and PostgreSQL, and two."""
    upstream = await bench.steady()
    shared = {"REDIS_URL": bench.redis.url, "DATABASE_URL": bench.postgres.create_database()}
    redis = psutil.Process(bench.redis.pid)
    columns: dict[str, Rows] = {}
    for name, variables, behind in (
        ("1 worker, SQLite", {}, None),
        ("1 worker, Redis, PostgreSQL", {**shared, "WEB_CONCURRENCY": "1"}, redis),
        ("2 workers, Redis, PostgreSQL", {**shared, "WEB_CONCURRENCY": "2"}, redis),
    ):
        columns[name] = {}
        with bench.our_route(upstream, **variables) as server:
            for measure in (_open_pages, _cost, _memory, _many_readers, _most_chunks):
                columns[name] |= await measure(Workers(server, upstream, behind))
                await asyncio.sleep(PAUSE)
    return _transposed(columns)


def _transposed(columns: Mapping[str, Rows]) -> Table:
    table = Table(
        "Several workers",
        ("", *columns),
        notes="CPU is that of the workers, unless another process is named. Model and readers are one more process\n"
        "on the same machine: how many chunks a second two workers send depends on the cores that are left.",
    )
    names = dict.fromkeys(name for rows in columns.values() for name in rows)
    table.rows += [[name, *(rows.get(name, "") for rows in columns.values())] for name in names]
    return table


async def _cost(target: Workers) -> Rows:
    """40 readers at 50 tokens a second, and one alone."""
    target.upstream.plan(rate=50)
    readers = Readers(target.server.url, target.upstream)
    alone = await _added_to_first(readers)
    await readers.open(40)
    used, delays = await _use_of_window(target, readers)
    chunks = len(delays)
    added = await _added_to_first(readers)
    readers.close()
    return {
        "one reader: added to first token p50, p99": _spread(alone),
        "40 readers at 50/s: CPU per chunk": microseconds(used.workers / chunks),
        "40 readers at 50/s: CPU of Redis per chunk": microseconds(used.redis / chunks) if target.redis else "",
        "40 readers at 50/s: chunk delay p50, p99": _spread(delays),
        "40 readers at 50/s: added to first token p50, p99": _spread(added),
    }


async def _added_to_first(readers: Readers) -> list[float]:
    """Seconds added to the first token of each of several more readers."""
    probes = []
    for _ in range(PROBES):
        probes.append(asyncio.create_task(readers.added_to_first()))
        await asyncio.sleep(PROBE_INTERVAL)
    return await asyncio.gather(*probes)


async def _many_readers(target: Workers) -> Rows:
    """500 readers at 20 tokens a second."""
    target.upstream.plan(rate=20)
    readers = Readers(target.server.url, target.upstream)
    await readers.open(500, over=5)
    used, delays = await _use_of_window(target, readers)
    behind = readers.behind(1.0)
    readers.close()
    return {
        "500 readers at 20/s: chunks/s": f"{len(delays) / used.at:.0f}",
        "500 readers at 20/s: CPU per chunk": microseconds(used.workers / len(delays)),
        "500 readers at 20/s: chunk delay p50, p99": _spread(delays),
        "500 readers at 20/s: more than 1 s behind": str(behind),
    }


async def _most_chunks(target: Workers) -> Rows:
    """Most chunks per second that are delivered in time: readers are added until the chunks are late."""
    target.upstream.plan(rate=20)
    readers = Readers(target.server.url, target.upstream)
    best: tuple[float, Usage] | None = None
    for _ in range(0, MOST_READERS, STEP):
        await readers.open(STEP)
        used, delays = await _use_of_window(target, readers, warm_up=1.0, window=STEP_SECONDS)
        if len(delays) < STEP or _percentile(delays) > IN_TIME:
            break
        best = len(delays) / used.at, used
    readers.close()
    rate, used = best or (0.0, Usage(0, 0, 0, 1))
    cores = [f"{part / used.at:.2f}" for part in (used.workers, used.redis, used.load)]
    return {
        f"most chunks/s with 99 % within {IN_TIME * 1000:.0f} ms": f"{rate:.0f}",
        "then, cores used by workers, Redis, model and readers": ", ".join(cores),
    }


async def _open_pages(target: Workers) -> Rows:
    """Pages that are open, over websockets: no browser could open that many on the same machine."""
    async with AsyncExitStack() as pages:
        await _open(pages, target.server, 10)  # warm-up, which doesn't count
        before = sum(map(_own_bytes, target.processes))
        began = Usage.of(target)
        opened = await _open(pages, target.server, PAGES)
        took = Usage.of(target).since(began)
        await asyncio.sleep(QUIET)
        used = sum(map(_own_bytes, target.processes)) - before
        began = Usage.of(target)
        delays = await asyncio.to_thread(_event_times, opened[:: PAGES // 50])
        events = Usage.of(target).since(began)
    return {
        f"{PAGES} open pages: memory of each": kilobytes(used / PAGES),
        f"{PAGES} open pages: CPU to open one": milliseconds(took.workers / PAGES),
        f"{PAGES} open pages: an event there and back p50, p99": _spread(delays),
        f"{PAGES} open pages: CPU of an event": milliseconds(events.workers / len(delays)),
    }


async def _memory(target: Workers) -> Rows:
    """Memory after 200 streams."""
    target.upstream.plan(rate=20)
    readers = Readers(target.server.url, target.upstream)
    await readers.open(200)
    await asyncio.sleep(WARM_UP)
    own = [kilobytes(_own_bytes(each)) for each in target.processes]
    master = kilobytes(_own_bytes(psutil.Process(target.server.group)))
    readers.close()
    return {
        "memory of each worker, with 200 streams": ", ".join(own),
        "memory of gunicorn's master": master,
        "memory of Redis, with 200 logs": kilobytes(_own_bytes(target.redis)) if target.redis else "",
    }


async def _open(pages: AsyncExitStack, server: ServerProcess, count: int) -> list[EventSocket]:
    opened: list[EventSocket] = []
    for _ in range(count):
        page = pages.enter_context(EventSocket(server.url, new_cookie()))
        page.send(HYDRATE, {})
        page.wait_until_done()
        opened.append(page)
    return opened


def _event_times(pages: Iterable[EventSocket]) -> list[float]:
    """Seconds that an event of each page takes until its result is back."""
    times: list[float] = []
    for page in pages:
        began = monotonic()
        page.wait_until_done()
        times.append(monotonic() - began)
    return times


async def _use_of_window(
    target: Workers, readers: Readers, *, warm_up: float = WARM_UP, window: float = WINDOW
) -> tuple["Usage", Sequence[float]]:
    """Processor time over some seconds, and the delays of the chunks delivered in them."""
    await asyncio.sleep(warm_up)
    del readers.delays[:]
    before = Usage.of(target)
    await asyncio.sleep(window)
    return Usage.of(target).since(before), list(readers.delays)


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _own_bytes(process: psutil.Process) -> int:
    """Memory that only this process has; what a worker shares with gunicorn's master isn't counted."""
    return process.memory_full_info().uss


def _percentile(delays: Sequence[float]) -> float:
    """The 99th percentile."""
    return quantiles(delays, n=100)[98]


def _spread(delays: Sequence[float]) -> str:
    return f"{milliseconds(median(delays))}, {milliseconds(_percentile(delays))}"
