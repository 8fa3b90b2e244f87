"""The faults of several workers, one function each."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from tests.faults.ground import Worker, shared_ground
from tests.faults.trial import Result, Trial

OUTAGE = 10.0  # seconds
_LEASE = 6.0  # seconds
_INTERVAL = 0.05  # seconds


async def killed(count: int = 200, *, together: int = 50) -> Result:
    """``kill -9`` of a worker in the middle of answers; then questions in the same conversations."""
    async with shared_ground() as ground:
        trial = Trial(ground, "kill -9 of a worker")
        for each in range(0, count, together):
            worker = ground.workers[each // together % 2]
            async with _asking(trial, min(together, count - each), at_once=together):
                await _until(lambda: len(trial.running) >= min(together, count - each))
                await asyncio.sleep(1)
                worker.kill()
                trial.mark()
            await asyncio.to_thread(worker.start)
        trial.expect(trial.interrupted, "no answer was interrupted")
        result = await trial.count()
        await _ask_again(trial, 5)
        return result


async def restarted(count: int = 200, *, at_once: int = 20) -> Result:
    """Workers restarted with SIGTERM one at a time while questions are asked; answers may run for three seconds."""
    async with shared_ground(SHUTDOWN_GRACE="3") as ground:
        trial = Trial(ground, "SIGTERM, one worker at a time")
        async with _asking(trial, count, at_once=at_once) as asking:
            number = 0
            while not asking.done():
                await _until(lambda: len(trial.running) >= at_once / 2 or asking.done())
                trial.mark()
                await asyncio.to_thread(ground.workers[number % 2].terminate)
                await asyncio.to_thread(ground.workers[number % 2].start)
                number += 1
        trial.expect(number > 1, "a single worker was restarted")
        return await trial.count()


async def redis_paused(count: int = 200, *, at_once: int = 20, seconds: float = OUTAGE) -> Result:
    """Redis doesn't reply."""
    async with shared_ground() as ground:
        assert ground.redis
        trial = Trial(ground, f"Redis paused for {seconds:.0f} s")
        await _outage(trial, count, at_once, seconds, ground.redis.pause, ground.redis.resume)
        return await trial.count()


async def redis_lost(count: int = 200, *, at_once: int = 20, seconds: float = OUTAGE) -> Result:
    """Redis crashes, and comes back empty."""
    async with shared_ground() as ground:
        assert ground.redis
        trial = Trial(ground, f"Redis away for {seconds:.0f} s, then empty")
        await _outage(trial, count, at_once, seconds, ground.redis.kill, ground.redis.start)
        return await trial.count()


async def postgres_away(count: int = 200, *, at_once: int = 20, seconds: float = OUTAGE) -> Result:
    """PostgreSQL is away; meanwhile workers aren't ready, and questions are refused."""
    async with shared_ground() as ground:
        assert ground.postgres
        trial = Trial(ground, f"PostgreSQL away for {seconds:.0f} s")
        await _outage(trial, count, at_once, seconds, ground.postgres.stop, ground.postgres.start)
        await _until_stored(trial)
        result = await trial.count()
        trial.expect(result.errors["storage"], "no question met the error of storage")
        return result


async def paused(count: int = 200, *, together: int = 50) -> Result:
    """A worker is paused for longer than its leases, and then continued."""
    async with shared_ground() as ground:
        trial = Trial(ground, "worker paused beyond its leases")
        for each in range(0, count, together):
            worker = ground.workers[each // together % 2]
            async with _asking(trial, min(together, count - each), at_once=together):
                await _until(lambda: len(trial.running) >= min(together, count - each))
                worker.pause()
                await asyncio.sleep(_LEASE + 4)
                worker.resume()
                trial.mark()
        trial.expect(trial.interrupted, "no answer was interrupted")
        return await trial.count()


async def connections_cut(count: int = 200, *, at_once: int = 20) -> Result:
    """Connections between readers and workers, and between workers and Redis, break at random."""
    async with shared_ground(with_proxies=True) as ground:
        trial = Trial(ground, "connections cut at random")
        chance = random.Random(14)
        async with _asking(trial, count, at_once=at_once) as asking:
            while not asking.done():
                proxy = chance.choice(ground.proxies)
                proxy.cut_after(chance.randint(1, 20_000))
                trial.mark()
                await asyncio.sleep(0.2)
        trial.expect(all(proxy.cuts for proxy in ground.proxies), "not each proxy has cut a connection")
        return await trial.count()


async def asked_twice(count: int = 200, *, at_once: int = 20) -> Result:
    """The same id at both workers at the same moment, and once more after a cut."""
    async with shared_ground() as ground:
        trial = Trial(ground, "same id at both workers", words=30)
        await trial.ask_twice(count, at_once=at_once)
        return await trial.count()


async def _outage(
    trial: Trial, count: int, at_once: int, seconds: float, begin: Callable[[], None], end: Callable[[], None]
) -> None:
    async with _asking(trial, count, at_once=at_once):
        await _until(lambda: len(trial.running) >= at_once / 2)
        await asyncio.sleep(2)
        await asyncio.to_thread(begin)
        await asyncio.sleep(seconds / 2)
        await _expect_ready(trial, trial.ground.workers, is_ready=False)
        await asyncio.sleep(seconds / 2)
        await asyncio.to_thread(end)
        trial.mark()
    await _expect_ready(trial, trial.ground.workers, is_ready=True)


@asynccontextmanager
async def _asking(trial: Trial, count: int, *, at_once: int) -> AsyncGenerator[asyncio.Task[None], None]:
    """Ask while the body runs, then wait for the ends."""
    asking = asyncio.create_task(trial.ask_all(count, at_once=at_once))
    try:
        yield asking
        await asking
    finally:
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking


async def _ask_again(trial: Trial, count: int) -> None:
    """Ask in conversations whose answer was interrupted."""
    again = [trial.ground.again(each, 5) for each in trial.interrupted if each.conversation_id][:count]
    follow_up = Trial(trial.ground, "", words=5, patience=30)
    await asyncio.gather(*(follow_up.ask(each, first=number) for number, each in enumerate(again)))
    result = await follow_up.count()
    trial.expect(result.is_sound and result.complete == len(again), f"asking again failed: {result}")


async def _until_stored(trial: Trial, patience: float = 30.0) -> None:
    """Wait until no answer is stored as streaming."""
    with suppress(TimeoutError):
        async with asyncio.timeout(patience):
            while await trial.ground.store.all_streaming():
                await asyncio.sleep(_INTERVAL)


async def _expect_ready(trial: Trial, workers: list[Worker], *, is_ready: bool) -> None:
    """Expect it within a few seconds, as results are kept for a moment."""
    for worker in workers:
        with suppress(TimeoutError):
            await _until_async(lambda each=worker: _is_ready(each, expected=is_ready), patience=8)
        trial.expect(
            await asyncio.to_thread(lambda each=worker: each.is_ready) is is_ready, f"readiness isn't {is_ready}"
        )


async def _is_ready(worker: Worker, *, expected: bool) -> bool:
    return await asyncio.to_thread(lambda: worker.is_ready) is expected


async def _until(happened: Callable[[], object], patience: float = 60.0) -> None:
    async with asyncio.timeout(patience):
        while not happened():
            await asyncio.sleep(_INTERVAL)


async def _until_async(happened: Callable[[], Awaitable[bool]], patience: float) -> None:
    async with asyncio.timeout(patience):
        while not await happened():
            await asyncio.sleep(_INTERVAL)
