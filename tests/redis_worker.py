"""What one of several processes has of Redis, for tests that run several in one."""

from types import TracebackType
from typing import Self

from redis.asyncio import Redis

from chat_app.infrastructure.redis.answer_log import RedisAnswerLog
from chat_app.infrastructure.redis.changes import RedisAnnouncer
from chat_app.infrastructure.redis.connection import connect
from chat_app.infrastructure.redis.feed import Feed
from chat_app.infrastructure.redis.leases import RedisLeases
from chat_app.services.conversations.changes import Changes

LONG = 60.0


class RedisWorker:
    """The adapters of one process.

    Args:
        name: Its id.
        lifetime: Seconds of a lease.
        patience: Seconds after which readers get an error.
    """

    def __init__(self, url: str, name: str, *, lifetime: float = 6.0, patience: float = 3.0) -> None:
        self.redis: Redis = connect(url)
        self.feed = Feed(self.redis)
        self.log = RedisAnswerLog(self.redis, self.feed, lambda: name, retention=LONG, longest=LONG, patience=patience)
        self.leases = RedisLeases(self.redis, lambda: name, lifetime=lifetime)
        self.announcer = RedisAnnouncer(self.redis, self.feed, lambda: name)
        self.changes = Changes(self.announcer)

    async def __aenter__(self) -> Self:
        await self.log.open()
        await self.announcer.listen(self.changes.wake)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.log.close()
        await self.crash()

    async def crash(self) -> None:
        """End without sending what is left."""
        await self.announcer.close()
        await self.feed.close()
        await self.redis.aclose()
