"""Rate limiting with moving windows, counted in Redis."""

import time
from collections.abc import Callable, Mapping

from limits import RateLimitItemPerSecond
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from redis.asyncio import Redis

from chat_app.infrastructure.redis import names
from chat_app.infrastructure.redis.connection import load_script, translating_errors
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
        self._count_each = load_script(redis, "count_each.lua")

    async def wait_for(self, times: int, seconds: int, *counter: str) -> float:
        async with translating_errors():
            stats = await self._limiter.get_window_stats(RateLimitItemPerSecond(times, seconds), *counter)
        return 0.0 if stats.remaining > 0 else max(stats.reset_time - self._clock(), 0.0)

    async def count(self, times: int, seconds: int, *counter: str) -> bool:
        async with translating_errors():
            return await self._limiter.hit(RateLimitItemPerSecond(times, seconds), *counter)

    async def count_each(self, limits: Mapping[Counter, int], seconds: int) -> Counter | None:
        # Not two calls of the library for each counter: as round trips they are a third of the time to the first token.
        windows = [
            f"{names.LIMITS}:{RateLimitItemPerSecond(times, seconds).key_for(*counter)}"
            for counter, times in limits.items()
        ]
        async with translating_errors():
            full = int(await self._count_each(windows, [self._clock(), seconds, *limits.values()]))
        return list(limits)[full - 1] if full else None
