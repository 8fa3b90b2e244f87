"""Leases in Redis: keys with a time to live, whose value is the process that holds the lease."""

from collections.abc import Callable, Collection

from redis.asyncio import Redis

from chat_app.infrastructure.redis import names
from chat_app.infrastructure.redis.connection import load_script, translating_errors
from chat_app.services.ports.leases import LEASE_SECONDS


class RedisLeases:
    """Leases in Redis. Implements ``chat_app.services.ports.Leases``.

    Args:
        process_id: Returns the id of this process, unique over time.
        lifetime: Seconds after which a lease expires.
    """

    def __init__(self, redis: Redis, process_id: Callable[[], str], *, lifetime: float = LEASE_SECONDS) -> None:
        self._redis = redis
        self._process_id = process_id
        self._lifetime = int(lifetime * 1000)
        self._renew = load_script(redis, "renew_leases.lua")
        self._release = load_script(redis, "release_lease.lua")

    async def acquire(self, answer_id: str) -> bool:
        async with translating_errors():
            acquired = await self._redis.set(names.lease(answer_id), self._process_id(), nx=True, px=self._lifetime)
        return bool(acquired)

    async def renew(self, answer_ids: Collection[str]) -> set[str]:
        keys = {names.lease(answer_id): answer_id for answer_id in answer_ids}
        if not keys:
            return set()
        async with translating_errors():
            renewed = await self._renew(keys=list(keys), args=[self._process_id(), self._lifetime])
        return {keys[str(key)] for key in renewed}

    async def release(self, answer_id: str) -> None:
        async with translating_errors():
            await self._release(keys=[names.lease(answer_id)], args=[self._process_id()])

    async def held(self, answer_ids: Collection[str]) -> set[str]:
        ids = list(answer_ids)
        if not ids:
            return set()
        async with translating_errors():
            holders = await self._redis.mget([names.lease(each) for each in ids])
        return {each for each, holder in zip(ids, holders, strict=True) if holder}
