"""The state that all processes of the app share: in Redis, or in the memory of the only one."""

import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from functools import cache

from chat_app.config import ConfigError, Settings
from chat_app.infrastructure.log.leases import MemoryLeases
from chat_app.infrastructure.log.memory import MemoryAnswerLog
from chat_app.infrastructure.log.slots import MemorySlots
from chat_app.infrastructure.redis.answer_log import RedisAnswerLog
from chat_app.infrastructure.redis.changes import RedisAnnouncer
from chat_app.infrastructure.redis.connection import connect, warn_of_eviction
from chat_app.infrastructure.redis.feed import Feed
from chat_app.infrastructure.redis.leases import RedisLeases
from chat_app.infrastructure.redis.rate_limiter import RedisRateLimiter
from chat_app.infrastructure.redis.slots import RedisSlots
from chat_app.infrastructure.security.rate_limiter import RateLimiter
from chat_app.models.errors import SharedStateUnavailable
from chat_app.models.message import new_id
from chat_app.models.principal import Principal
from chat_app.services import ports
from chat_app.services.answering.lease_keeper import ensure_writable

Wake = Callable[[Principal], None]


def _opened(_: Wake) -> AbstractAsyncContextManager[None]:
    return nullcontext()


@dataclass(frozen=True, slots=True)
class SharedState:
    """The adapters, which connect on their first use.

    Attributes:
        announcer: ``None`` if there is no other process.
        opened: A context in which requests of other processes are received; ``wake`` gets the owners whose
            conversations they have changed.
    """

    log: ports.AnswerLog
    leases: ports.Leases
    slots: ports.Slots
    limiter: ports.RateLimiter
    announcer: ports.Announcer | None = None
    opened: Callable[[Wake], AbstractAsyncContextManager[None]] = field(default=_opened)


def shared_state(config: Settings) -> SharedState:
    """Build the adapters that the configuration asks for, without opening connections."""
    if config.redis_url:
        return _in_redis(config)
    log = MemoryAnswerLog(retention=config.answer_retention)
    return SharedState(log, MemoryLeases(), MemorySlots(), RateLimiter())


def _in_redis(config: Settings) -> SharedState:
    redis = connect(config.redis_url)
    feed = Feed(redis)
    log = RedisAnswerLog(redis, feed, _process_id, retention=config.answer_retention, longest=config.answer_timeout)
    announcer = RedisAnnouncer(redis, feed, _process_id)
    leases, slots, limiter = RedisLeases(redis, _process_id), RedisSlots(redis), RedisRateLimiter(redis)

    @asynccontextmanager
    async def opened(wake: Wake) -> AsyncIterator[None]:
        try:
            await _check_writable(leases)
            await warn_of_eviction(redis)
            await log.open()
            await announcer.listen(wake)
            yield
        finally:
            await log.close()
            await announcer.close()
            await feed.close()
            await redis.aclose()

    return SharedState(log, leases, slots, limiter, announcer, opened)


async def _check_writable(leases: ports.Leases) -> None:
    """Write a lease at the start.

    Raises:
        ConfigError: Redis can't be reached, refuses the password or the user, is a replica, or has no memory left.
    """
    try:
        await ensure_writable(leases)
    except SharedStateUnavailable as error:
        raise ConfigError(f"REDIS_URL=(hidden): {error}") from error


def _process_id() -> str:
    """Return the id of this process, made on its first use: gunicorn forks its workers after the app has been built."""
    return _id_of(os.getpid())


@cache
def _id_of(pid: int) -> str:
    return f"{socket.gethostname()}:{pid}:{new_id()[:8]}"
