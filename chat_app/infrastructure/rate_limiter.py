"""Counting how often something happens."""

import time

from limits import RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter


class RateLimiter:
    """Counts in this process's memory. Fulfils ``chat_app.services.ports.RateLimiter``."""

    def __init__(self) -> None:
        self._windows = FixedWindowRateLimiter(MemoryStorage())

    async def wait_for(self, times: int, seconds: int, *who: str) -> float:
        """Seconds until ``who`` may do it once more, 0 if they may now."""
        item = RateLimitItemPerSecond(times, seconds)
        stats = await self._windows.get_window_stats(item, *who)
        return 0.0 if stats.remaining > 0 else max(stats.reset_time - time.time(), 0.0)

    async def count(self, times: int, seconds: int, *who: str) -> bool:
        """Count once more; whether that is within ``times`` in ``seconds``, which begin with the first."""
        return await self._windows.hit(RateLimitItemPerSecond(times, seconds), *who)
