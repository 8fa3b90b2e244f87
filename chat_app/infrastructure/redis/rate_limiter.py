"""Rate limiting with moving windows, counted in Redis."""

import asyncio
import time
from collections.abc import Callable, Mapping

from limits import RateLimitItemPerSecond
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from redis.asyncio import Redis

from chat_app.infrastructure.redis import names
from chat_app.infrastructure.redis.connection import translating_errors
from chat_app.services.ports.rate_limiter import Counter


class RedisRateLimiter:
    """Rate limits in Redis. Implements ``chat_app.services.ports.RateLimiter``.

    The library's windows are lists of times by each machine's own clock. The clocks must agree to a fraction of the
    shortest window, as those that NTP sets do.

    Args:
        clock: The library's clock, seconds since 1970.
    """

    def __init__(self, redis: Redis, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        storage = RedisStorage(
            "redis://",  # only its scheme is read: connections come from the pool
            implementation="redispy",
            key_prefix=names.LIMITS,
            connection_pool=redis.connection_pool,  # pyright: ignore[reportArgumentType] - documented, typed too narrowly
        )
        self._limiter = MovingWindowRateLimiter(storage)

    async def wait_for(self, times: int, seconds: int, *counter: str) -> float:
        async with translating_errors():
            stats = await self._limiter.get_window_stats(RateLimitItemPerSecond(times, seconds), *counter)
        return 0.0 if stats.remaining > 0 else max(stats.reset_time - self._clock(), 0.0)

    async def count(self, times: int, seconds: int, *counter: str) -> bool:
        async with translating_errors():
            return await self._limiter.hit(RateLimitItemPerSecond(times, seconds), *counter)

    async def count_each(self, limits: Mapping[Counter, int], seconds: int) -> Counter | None:
        # At once: each call is a round trip.
        delays = await asyncio.gather(*(self.wait_for(times, seconds, *counter) for counter, times in limits.items()))
        if any(delays):
            return next(counter for counter, delay in zip(limits, delays, strict=True) if delay)
        counted = await asyncio.gather(*(self.count(times, seconds, *counter) for counter, times in limits.items()))
        # Others may have counted since the check.
        return next((counter for counter, is_counted in zip(limits, counted, strict=True) if not is_counted), None)
