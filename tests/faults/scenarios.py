"""The faults of several workers, one function each."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from tests.faults.ground import shared_ground
from tests.faults.trial import Result, Trial

OUTAGE = 10.0  # seconds
_LEASE = 6.0  # seconds
_INTERVAL = 0.05  # seconds


async def killed(count: int = 200, *, together: int = 50) -> Result:
    """``kill -9`` of a worker in the middle of answers; then questions in the same conversations."""
    async with shared_ground() as ground:
        trial = Trial(ground, "kill -9 of a worker")
        for number, size in enumerate(_rounds(count, together)):
            worker = ground.workers[number % 2]
            async with _asking(trial, size, at_once=size):
                await _until_running(trial, size)
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
                await _until_running(trial, at_once // 2, or_done=asking)
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
        await _Outage(ground.redis.pause, ground.redis.resume, seconds).during(trial, count, at_once=at_once)
        return await trial.count()


async def redis_lost(count: int = 200, *, at_once: int = 20, seconds: float = OUTAGE) -> Result:
    """Redis crashes, and comes back empty."""
    async with shared_ground() as ground:
        assert ground.redis
        trial = Trial(ground, f"Redis away for {seconds:.0f} s, then empty")
        await _Outage(ground.redis.kill, ground.redis.start, seconds).during(trial, count, at_once=at_once)
        return await trial.count()


async def postgres_away(count: int = 200, *, at_once: int = 20, seconds: float = OUTAGE) -> Result:
    """PostgreSQL is away; meanwhile workers aren't ready, and questions are refused."""
    async with shared_ground() as ground:
        assert ground.postgres
        trial = Trial(ground, f"PostgreSQL away for {seconds:.0f} s")
        await _Outage(ground.postgres.stop, ground.postgres.start, seconds).during(trial, count, at_once=at_once)
        await _until_stored(trial)
        result = await trial.count()
        trial.expect(result.errors["storage"], "no question met the error of storage")
        return result


async def paused(count: int = 200, *, together: int = 50) -> Result:
    """A worker is paused for longer than its leases, and then continued."""
    async with shared_ground() as ground:
        trial = Trial(ground, "worker paused beyond its leases")
        for number, size in enumerate(_rounds(count, together)):
            worker = ground.workers[number % 2]
            async with _asking(trial, size, at_once=size):
                await _until_running(trial, size)
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


@dataclass(frozen=True)
class _Outage:
    """Something goes away for some seconds, and comes back."""

    begin: Callable[[], None]
    end: Callable[[], None]
    seconds: float

    async def during(self, trial: Trial, count: int, *, at_once: int) -> None:
        """Have it while questions are asked; meanwhile workers say that they aren't ready."""
        async with _asking(trial, count, at_once=at_once):
            await _until_running(trial, min(count, at_once) // 2)
            await asyncio.sleep(2)
            await asyncio.to_thread(self.begin)
            over = asyncio.get_running_loop().time() + self.seconds
            await _expect_ready(trial, False)
            await asyncio.sleep(over - asyncio.get_running_loop().time())
            await asyncio.to_thread(self.end)
            trial.mark()
        await _expect_ready(trial, True)


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


async def _until_stored(trial: Trial) -> None:
    """Wait until no answer is stored as streaming."""

    async def are_stored() -> bool:
        return not await trial.ground.store.all_streaming()

    trial.expect(await _happens(are_stored, patience=30), "an answer is stored as streaming")


async def _expect_ready(trial: Trial, expected: bool) -> None:
    """Expect it of all workers within a few seconds, as results are kept for a moment."""

    async def are_ready() -> bool:
        workers = trial.ground.workers
        return set(await asyncio.gather(*(asyncio.to_thread(worker.is_ready) for worker in workers))) == {expected}

    trial.expect(await _happens(are_ready, patience=8), f"not every worker is{' not' * (not expected)} ready")


async def _until_running(trial: Trial, count: int, *, or_done: asyncio.Task[None] | None = None) -> None:
    async def are_running() -> bool:
        return len(trial.running) >= count or bool(or_done and or_done.done())

    assert await _happens(are_running, patience=60)


async def _happens(what: Callable[[], Awaitable[bool]], *, patience: float) -> bool:
    """Wait until it is so; returns whether it was within ``patience`` seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(patience):
            while not await what():  # noqa: ASYNC110 - in other processes
                await asyncio.sleep(_INTERVAL)
            return True
    return False


def _rounds(count: int, together: int) -> list[int]:
    return [min(together, count - each) for each in range(0, count, together)]
