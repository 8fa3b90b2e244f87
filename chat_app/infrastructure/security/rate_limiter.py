"""Rate limiting with moving windows, in this process's memory."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from typing import NamedTuple

from limits import RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from chat_app.services.ports.rate_limiter import Counter

MAX_KEYS = 100_000


class RateLimiter:
    """Counters of events in moving windows. Implements ``chat_app.services.ports.RateLimiter``.

    Args:
        clock: Monotonic time in seconds.
        max_keys: Number of windows that are kept; beyond it, the least recently counted are dropped.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, max_keys: int = MAX_KEYS) -> None:
        self._clock = clock
        self._storage = _Windows(clock, max_keys)
        self._limiter = MovingWindowRateLimiter(self._storage)

    @property
    def keys(self) -> int:
        """The number of windows that are kept."""
        return len(self._storage.windows)

    async def wait_for(self, times: int, seconds: int, *counter: str) -> float:
        """Return the seconds until ``counter`` is within the limit again, 0 if it is."""
        stats = await self._limiter.get_window_stats(RateLimitItemPerSecond(times, seconds), *counter)
        return 0.0 if stats.remaining > 0 else max(stats.reset_time - self._clock(), 0.0)

    async def count(self, times: int, seconds: int, *counter: str) -> bool:
        """Count once more and return True, unless ``times`` were counted in the last ``seconds``."""
        return await self._limiter.hit(RateLimitItemPerSecond(times, seconds), *counter)

    async def count_each(self, limits: Mapping[Counter, int], seconds: int) -> Counter | None:
        """Count once more in each counter, unless one is full; returns that one."""
        for counter, times in limits.items():
            if await self.wait_for(times, seconds, *counter):
                return counter
        for counter, times in limits.items():
            if not await self.count(times, seconds, *counter):
                return counter
        return None


class _Window(NamedTuple):
    seconds: int
    times: deque[float]

    def recent(self, now: float) -> deque[float]:
        while self.times and self.times[0] <= now - self.seconds:
            self.times.popleft()
        return self.times


class _Windows(MemoryStorage):
    """Storage for ``limits`` with a bounded number of moving windows.

    The number of windows in the library's own grows without bound, and each count goes through all, in a thread.
    """

    STORAGE_SCHEME = None  # keeps it out of the library's registry of storages by URL

    def __init__(self, clock: Callable[[], float], max_keys: int) -> None:
        super().__init__()
        self.windows = OrderedDict[str, _Window]()  # the least recently counted first
        self._clock = clock
        self._max_keys = max_keys

    async def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        now = self._clock()
        window = self.windows.get(key, _Window(expiry, deque()))
        if len(window.recent(now)) + amount > limit:
            return False
        window.times.extend([now] * amount)
        self.windows[key] = window
        self.windows.move_to_end(key)
        self._evict(now)
        return True

    async def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        now = self._clock()
        times = self.windows[key].recent(now) if key in self.windows else ()
        return (times[0], len(times)) if times else (now, 0)

    def _evict(self, now: float) -> None:
        while (oldest := next(iter(self.windows.values()))) and (
            len(self.windows) > self._max_keys or not oldest.recent(now)
        ):
            self.windows.popitem(last=False)
