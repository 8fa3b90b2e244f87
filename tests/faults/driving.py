"""What the faults have in common: questions beside them, and waiting for other processes."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from tests.faults.trial import Trial

_INTERVAL = 0.05  # seconds


@dataclass(frozen=True)
class Outage:
    """Something goes away for some seconds, and comes back."""

    begin: Callable[[], object]
    end: Callable[[], object]
    seconds: float

    async def during(self, trial: Trial, count: int, *, at_once: int) -> None:
        """Have it while questions are asked; meanwhile workers say that they aren't ready."""
        async with asking(trial, count, at_once=at_once):
            await until_begun(trial, min(count, at_once) // 2)
            await asyncio.sleep(2)
            await asyncio.to_thread(self.begin)
            over = asyncio.get_running_loop().time() + self.seconds
            await expect_ready(trial, False)
            await asyncio.sleep(over - asyncio.get_running_loop().time())
            await asyncio.to_thread(self.end)
            trial.mark()
        await expect_ready(trial, True)


@asynccontextmanager
async def asking(trial: Trial, count: int, *, at_once: int) -> AsyncGenerator[asyncio.Task[None], None]:
    """Ask while the body runs, then wait for the ends."""
    asking = asyncio.create_task(trial.ask_all(count, at_once=at_once))
    try:
        yield asking
        await asking
    finally:
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking


async def expect_stored(trial: Trial) -> None:
    """Expect that soon no answer is stored as streaming."""

    async def are_stored() -> bool:
        return not await trial.ground.store.all_streaming()

    trial.expect(await _happens(are_stored, patience=30), "an answer is stored as streaming")


async def expect_ready(trial: Trial, expected: bool) -> None:
    """Expect it of all workers within a few seconds, as results are kept for a moment."""

    async def are_ready() -> bool:
        workers = trial.ground.workers
        return set(await asyncio.gather(*(asyncio.to_thread(worker.is_ready) for worker in workers))) == {expected}

    trial.expect(await _happens(are_ready, patience=10), f"not every worker is{' not' * (not expected)} ready")


async def until_begun(trial: Trial, count: int, *, or_done: asyncio.Task[None] | None = None) -> None:
    async def have_begun() -> bool:
        return trial.begun >= count or bool(or_done and or_done.done())

    assert await _happens(have_begun, patience=90)


async def _happens(what: Callable[[], Awaitable[bool]], *, patience: float) -> bool:
    """Wait until it is so; returns whether it was within ``patience`` seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(patience):
            while not await what():  # noqa: ASYNC110 - in other processes
                await asyncio.sleep(_INTERVAL)
            return True
    return False
