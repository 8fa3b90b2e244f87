"""The faults, by name."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial

from tests.faults import disk, scenarios
from tests.faults.ground import Ground, shared_ground, sqlite_ground
from tests.faults.trial import Result, Trial

Drive = Callable[[Trial, int], Awaitable[None]]


@dataclass(frozen=True)
class Fault:
    """A fault, and what it happens to."""

    title: str
    drive: Drive
    ground: Callable[[], AbstractAsyncContextManager[Ground]] = shared_ground
    words: int = 60

    async def run(self, count: int) -> Result:
        """Have it happen while ``count`` questions are asked.

        Raises:
            NotInstalled, Impossible: It can't happen on this machine.
        """
        async with self.ground() as ground:
            trial = Trial(ground, self.title, words=self.words)
            await self.drive(trial, count)
            return await trial.count()


FAULTS = {
    "killed": Fault("kill -9 of a worker", scenarios.killed, words=150),
    "restarted": Fault("SIGTERM, one worker at a time", scenarios.restarted),
    "redis_paused": Fault("Redis paused for 10 s", scenarios.redis_paused),
    "redis_lost": Fault("Redis away for 10 s, then empty", scenarios.redis_lost),
    "postgres_away": Fault("PostgreSQL away for 10 s", scenarios.postgres_away),
    "paused": Fault("worker paused beyond its leases", scenarios.paused, words=150),
    "connections_cut": Fault(
        "connections cut at random", scenarios.connections_cut, partial(shared_ground, with_proxies=True)
    ),
    "asked_twice": Fault("same id at both workers", scenarios.asked_twice),
    "sqlite_locked": Fault("SQLite locked for 15 s", disk.locked, sqlite_ground),
    "sqlite_read_only": Fault("SQLite read-only for 10 s", disk.read_only, sqlite_ground),
    "sqlite_full": Fault("SQLite's disk full for 20 s", disk.full, partial(sqlite_ground, on_own_disk=True)),
}
