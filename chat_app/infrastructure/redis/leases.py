"""Leases in Redis: keys with a time to live, whose value is the worker that holds the lease."""

from collections.abc import Callable, Collection

from redis.asyncio import Redis

from chat_app.infrastructure.redis import names
from chat_app.infrastructure.redis.connection import translating_errors
from chat_app.services.ports.leases import LEASE_SECONDS

# KEYS: leases. ARGV: worker, milliseconds. A lease that has expired is acquired again if nobody else has it.
_RENEW = """
local held = {}
for i, key in ipairs(KEYS) do
  local holder = redis.call('GET', key)
  if not holder or holder == ARGV[1] then
    redis.call('SET', key, ARGV[1], 'PX', ARGV[2])
    held[#held + 1] = key
  end
end
return held
"""

# KEYS: lease. ARGV: worker.
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end"


class RedisLeases:
    """Leases in Redis. Implements ``chat_app.services.ports.Leases``.

    Args:
        worker: Returns the id of this process, unique over time.
        lifetime: Seconds after which a lease expires.
    """

    def __init__(self, redis: Redis, worker: Callable[[], str], *, lifetime: float = LEASE_SECONDS) -> None:
        self._redis = redis
        self._worker = worker
        self._lifetime = int(lifetime * 1000)
        self._renew = redis.register_script(_RENEW)
        self._release = redis.register_script(_RELEASE)

    async def acquire(self, answer_id: str) -> bool:
        async with translating_errors():
            acquired = await self._redis.set(names.lease(answer_id), self._worker(), nx=True, px=self._lifetime)
        return bool(acquired)

    async def renew(self, answer_ids: Collection[str]) -> set[str]:
        keys = {names.lease(answer_id): answer_id for answer_id in answer_ids}
        if not keys:
            return set()
        async with translating_errors():
            held = await self._renew(keys=list(keys), args=[self._worker(), self._lifetime])
        return {keys[str(key)] for key in held}

    async def release(self, answer_id: str) -> None:
        async with translating_errors():
            await self._release(keys=[names.lease(answer_id)], args=[self._worker()])

    async def held(self, answer_ids: Collection[str]) -> set[str]:
        ids = list(answer_ids)
        if not ids:
            return set()
        async with translating_errors():
            holders = await self._redis.mget([names.lease(each) for each in ids])
        return {each for each, holder in zip(ids, holders, strict=True) if holder}
