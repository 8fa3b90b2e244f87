"""The faults of several workers, one function each: questions are asked, and the trial counts afterwards."""

import asyncio
import random

from tests.faults.driving import Outage, asking, expect_stored, until_begun
from tests.faults.trial import Trial

_LEASE = 6.0  # seconds


async def killed(trial: Trial, count: int, *, together: int = 50) -> None:
    """``kill -9`` of a worker in the middle of answers; then questions in the same conversations."""
    for number, size in enumerate(_rounds(count, together)):
        worker = trial.ground.workers[number % 2]
        begun = trial.begun
        async with asking(trial, size, at_once=size):
            await until_begun(trial, begun + size)
            worker.kill()
            trial.mark()
        await asyncio.to_thread(worker.start)
    trial.expect(trial.interrupted, "no answer was interrupted")
    await _ask_again(trial, 5)


async def restarted(trial: Trial, count: int, *, at_once: int = 20) -> None:
    """Workers are restarted with SIGTERM one at a time while questions are asked."""
    workers, number = trial.ground.workers, 0
    async with asking(trial, count, at_once=at_once) as asked:
        while not asked.done():
            await until_begun(trial, trial.begun + at_once // 2, or_done=asked)
            trial.mark()
            await asyncio.to_thread(workers[number % 2].terminate)
            await asyncio.to_thread(workers[number % 2].start)
            number += 1
    trial.expect(number > 1, "a single worker was restarted")


async def redis_paused(trial: Trial, count: int, *, at_once: int = 20, seconds: float = 10) -> None:
    """Redis doesn't reply."""
    assert trial.ground.redis
    await Outage(trial.ground.redis.pause, trial.ground.redis.resume, seconds).during(trial, count, at_once=at_once)


async def redis_lost(trial: Trial, count: int, *, at_once: int = 20, seconds: float = 10) -> None:
    """Redis crashes, and comes back empty."""
    assert trial.ground.redis
    await Outage(trial.ground.redis.kill, trial.ground.redis.start, seconds).during(trial, count, at_once=at_once)


async def postgres_away(trial: Trial, count: int, *, at_once: int = 20, seconds: float = 10) -> None:
    """PostgreSQL is away; meanwhile questions are refused."""
    postgres = trial.ground.postgres
    assert postgres
    await Outage(postgres.stop, postgres.start, seconds).during(trial, count, at_once=at_once)
    await expect_stored(trial)
    trial.expect(trial.errors["storage"], "no question met the error of storage")


async def paused(trial: Trial, count: int, *, together: int = 50) -> None:
    """A worker is paused for longer than its leases, and then continued."""
    for number, size in enumerate(_rounds(count, together)):
        worker = trial.ground.workers[number % 2]
        begun = trial.begun
        async with asking(trial, size, at_once=size):
            await until_begun(trial, begun + size)
            worker.pause()
            await asyncio.sleep(_LEASE + 6)
            worker.resume()
            trial.mark()
    trial.expect(trial.interrupted, "no answer was interrupted")


async def connections_cut(trial: Trial, count: int, *, at_once: int = 20) -> None:
    """Connections between readers and workers, and between workers and Redis, break at random."""
    chance, proxies = random.Random(14), trial.ground.proxies
    async with asking(trial, count, at_once=at_once) as asked:
        while not asked.done():
            chance.choice(proxies).cut_after(chance.randint(1, 10_000))
            trial.mark()
            await asyncio.wait([asked], timeout=0.2)
    trial.expect(all(proxy.cuts for proxy in proxies), "not each proxy has cut a connection")


async def asked_twice(trial: Trial, count: int, *, at_once: int = 20) -> None:
    """The same id at both workers at the same moment, and once more after a cut."""
    await trial.ask_twice(count, at_once=at_once)


async def _ask_again(trial: Trial, count: int) -> None:
    """Ask in conversations whose answer was interrupted."""
    again = [trial.ground.again(each, 5) for each in trial.interrupted if each.conversation_id][:count]
    follow_up = Trial(trial.ground, "", patience=30)
    await asyncio.gather(*(follow_up.ask(each, first=number) for number, each in enumerate(again)))
    result = await follow_up.count()
    trial.expect(result.is_sound and result.complete == len(again), f"asking again failed: {result}")


def _rounds(count: int, together: int) -> list[int]:
    return [min(together, count - each) for each in range(0, count, together)]
