"""Rate limits in moving windows."""

import time

import pytest

from chat_app.infrastructure.security.rate_limiter import RateLimiter


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limiter(clock: Clock) -> RateLimiter:
    return RateLimiter(clock)


async def test_no_more_than_the_limit_is_counted(limiter: RateLimiter):
    assert [await limiter.count(2, 60, "ask", "ann") for _ in range(4)] == [True, True, False, False]


async def test_each_key_is_counted_by_itself(limiter: RateLimiter):
    await limiter.count(1, 60, "ask", "ann")
    assert await limiter.count(1, 60, "ask", "bob")
    assert await limiter.count(1, 60, "visit", "ann")


async def test_the_time_to_wait_is_known(limiter: RateLimiter, clock: Clock):
    assert await limiter.wait_for(2, 60, "ask", "ann") == 0
    await limiter.count(2, 60, "ask", "ann")
    clock.now += 20
    await limiter.count(2, 60, "ask", "ann")
    assert await limiter.wait_for(2, 60, "ask", "ann") == 40


async def test_after_the_window_there_is_room_again(limiter: RateLimiter, clock: Clock):
    await limiter.count(1, 60, "ask", "ann")
    clock.now += 60
    assert await limiter.wait_for(1, 60, "ask", "ann") == 0
    assert await limiter.count(1, 60, "ask", "ann")


@pytest.mark.parametrize("start", [0, 30, 59])
async def test_no_minute_has_more_wherever_it_begins(limiter: RateLimiter, clock: Clock, start: int):
    """A window with fixed edges would let twice as many through around an edge."""
    clock.now += start
    counted: list[float] = []
    for _ in range(240):
        clock.now += 0.5
        if await limiter.count(60, 60, "ask", "ann"):
            counted.append(clock.now)
    assert max(sum(1 for other in counted if one <= other < one + 60) for one in counted) == 60


async def test_a_refused_attempt_does_not_count(limiter: RateLimiter, clock: Clock):
    await limiter.count(1, 60, "ask", "ann")
    for _ in range(50):
        clock.now += 1
        assert not await limiter.count(1, 60, "ask", "ann")
    clock.now += 10
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
