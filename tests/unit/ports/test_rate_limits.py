"""Contract of ``ports.RateLimiter``: a limit on events within any moving window."""

import pytest

from chat_app.infrastructure.security.rate_limiter import RateLimiter
from tests.clock import Clock
from tests.fakes import RemoteRateLimiter


@pytest.fixture(params=[RateLimiter, RemoteRateLimiter])
def limiter(request: pytest.FixtureRequest, clock: Clock) -> RateLimiter:
    return request.param(clock)


async def test_no_more_than_the_limit_is_counted(limiter: RateLimiter):
    assert [await limiter.count(2, 60, "ask", "ann") for _ in range(4)] == [True, True, False, False]


async def test_each_key_has_a_window_of_its_own(limiter: RateLimiter):
    await limiter.count(1, 60, "ask", "ann")
    assert await limiter.count(1, 60, "ask", "bob")
    assert await limiter.count(1, 60, "visit", "ann")


async def test_the_time_to_wait_is_that_until_the_window_has_room(limiter: RateLimiter, clock: Clock):
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
async def test_no_minute_has_more_than_the_limit_wherever_it_begins(limiter: RateLimiter, clock: Clock, start: int):
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
