"""Benchmarks of ``/stream``: processor time, memory, delay of tokens."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from statistics import median, quantiles

from tests.benchmarks.bench import Bench
from tests.benchmarks.resources import cpu_seconds, resident_bytes
from tests.benchmarks.steady_upstream import SteadyUpstream
from tests.benchmarks.stream_readers import Readers
from tests.benchmarks.table import Table, kilobytes, microseconds, milliseconds
from tests.server_process import ServerProcess

WARM_UP, WINDOW = 2.0, 10.0  # seconds
PROBES = 100  # more readers, one after the other
PROBE_INTERVAL = 0.2  # seconds; so seldom that they cost next to nothing
QUIET_STREAMS = 200

Measurement = Callable[[ServerProcess, SteadyUpstream], Awaitable[list[str]]]


async def stream_cost(bench: Bench) -> Table:
    """Streams of 50 tokens a second, for increasing numbers of readers."""
    table = Table(
        "`/stream`, 50 tokens/s for each reader",
        ("", "readers", "CPU per chunk", "chunk delay p50", "p99", "added to first token p50", "p99"),
        notes="Delay: from the model's write to the reader. Added to the first token: on the way there and back.\n"
        "A reader that can't keep up reads several tokens at once, which costs less for each.",
    )
    for readers in (40, 100):
        await _both(bench, table, partial(_stream_cost, count=readers))
    return table


async def many_readers(bench: Bench) -> Table:
    """Many streams: 500 readers, 20 tokens a second each."""
    table = Table(
        "`/stream`, 500 readers, 20 tokens/s each, one worker",
        ("", "CPU per chunk", "chunk delay p50", "p99", "worst", "readers more than 1 s behind"),
    )
    return await _both(bench, table, _many_readers)


async def shared_answer(bench: Bench) -> Table:
    """A shared answer: 200 readers."""
    table = Table(
        "`/stream`, one answer at 50 tokens/s, 200 readers",
        ("", "calls of the model", "CPU per reader and chunk", "chunk delay p50", "p99"),
        notes="The baseline shares no answers: each reader gets one of its own.",
    )
    return await _both(bench, table, _shared_answer)


async def quiet_streams(bench: Bench) -> Table:
    """Memory of idle streams."""
    table = Table(f"`/stream`, memory of each of {QUIET_STREAMS} quiet streams", ("", "per stream"))
    return await _both(bench, table, _quiet_stream)


async def _both(bench: Bench, table: Table, measure: Measurement) -> Table:
    """Measure our route and the baseline's."""
    upstream = await bench.steady()
    with bench.our_route(upstream) as server:
        table.rows.append(["this chat", *await measure(server, upstream)])
    with bench.plain_route(upstream) as server:
        table.rows.append(["plain FastAPI", *await measure(server, upstream)])
    return table


async def _stream_cost(server: ServerProcess, upstream: SteadyUpstream, count: int) -> list[str]:
    upstream.plan(rate=50)
    readers = Readers(server.url, upstream)
    await readers.open(count)
    cost = await _cost_per_chunk(server, readers)
    delays = _spread(readers.delays)
    probes = []
    for _ in range(PROBES):
        probes.append(asyncio.create_task(readers.added_to_first()))
        await asyncio.sleep(PROBE_INTERVAL)
    added = await asyncio.gather(*probes)
    readers.close()
    return [str(count), cost, *delays, *_spread(added)]


async def _many_readers(server: ServerProcess, upstream: SteadyUpstream) -> list[str]:
    upstream.plan(rate=20)
    readers = Readers(server.url, upstream)
    await readers.open(500, over=5)
    cost = await _cost_per_chunk(server, readers)
    row = [cost, *_spread(readers.delays), milliseconds(max(readers.delays)), str(readers.behind(1.0))]
    readers.close()
    return row


async def _shared_answer(server: ServerProcess, upstream: SteadyUpstream) -> list[str]:
    upstream.plan(rate=50)
    readers = Readers(server.url, upstream)
    await readers.open(200, "message=Hello&id=shared")
    cost = await _cost_per_chunk(server, readers)
    row = [str(upstream.calls), cost, *_spread(readers.delays)]
    readers.close()
    return row


async def _quiet_stream(server: ServerProcess, upstream: SteadyUpstream) -> list[str]:
    upstream.plan(rate=0)
    readers = Readers(server.url, upstream)
    await readers.open(20)  # warm-up, which doesn't count
    before = resident_bytes(server.group)
    await readers.open(QUIET_STREAMS)
    used = resident_bytes(server.group) - before
    readers.close()
    return [kilobytes(used / QUIET_STREAMS)]


async def _cost_per_chunk(server: ServerProcess, readers: Readers) -> str:
    """Processor time per token delivered, over some seconds; ``readers`` record the delays."""
    await asyncio.sleep(WARM_UP)
    del readers.delays[:]
    before = cpu_seconds(server.group)
    await asyncio.sleep(WINDOW)
    return microseconds((cpu_seconds(server.group) - before) / len(readers.delays))


def _spread(values: Sequence[float]) -> list[str]:
    return [milliseconds(median(values)), milliseconds(quantiles(values, n=100)[98])]
