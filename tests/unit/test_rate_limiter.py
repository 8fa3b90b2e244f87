"""Memory and time of moving windows. The contract of the port is tested in ``tests/unit/ports``."""

import time

import pytest

from chat_app.infrastructure.security.rate_limiter import RateLimiter
from tests.clock import Clock


@pytest.fixture
def limiter(clock: Clock) -> RateLimiter:
    return RateLimiter(clock)


async def test_an_event_leaves_the_window_exactly_at_its_end(limiter: RateLimiter, clock: Clock):
    await limiter.count(1, 60, "ask", "ann")
    for _ in range(50):
        clock.now += 1
        assert not await limiter.count(1, 60, "ask", "ann")
    clock.now += 10
    assert await limiter.wait_for(1, 60, "ask", "ann") == 0
    assert await limiter.count(1, 60, "ask", "ann")


async def test_windows_that_are_over_are_forgotten(limiter: RateLimiter, clock: Clock):
    for index in range(1000):
        await limiter.count(9, 60, "visit", str(index))
    clock.now += 60
    await limiter.count(9, 60, "visit", "ann")
    assert limiter.keys == 1


async def test_beyond_a_bound_the_keys_counted_longest_ago_are_forgotten(clock: Clock):
    limiter = RateLimiter(clock, max_keys=3)
    for name in ("ann", "bob", "ann", "eve", "dan"):
        await limiter.count(2, 60, "ask", name)
    assert limiter.keys == 3
    assert await limiter.wait_for(2, 60, "ask", "ann") > 0
    assert await limiter.wait_for(1, 60, "ask", "bob") == 0


async def test_counting_costs_the_same_however_much_is_counted(clock: Clock):
    def seconds(keys: int) -> float:
        return min(times[keys])

    times: dict[int, list[float]] = {1_000: [], 30_000: []}
    for keys, measured in times.items():
        limiter = RateLimiter(clock)
        for index in range(keys):
            await limiter.count(9, 60, "visit", str(index))
        for attempt in range(5):
            begun = time.perf_counter()
            for index in range(300):
                await limiter.count(9, 60, "visit", f"{attempt} {index}")
            measured.append(time.perf_counter() - begun)
    assert seconds(30_000) < 5 * seconds(1_000)
