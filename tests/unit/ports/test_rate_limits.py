"""Contract of ``ports.RateLimiter``: a limit on events within any moving window."""

from collections.abc import AsyncIterator
from types import SimpleNamespace

import pytest
from limits.aio.storage.redis import redispy

from chat_app.infrastructure.redis.connection import connect
from chat_app.infrastructure.redis.rate_limiter import RedisRateLimiter
from chat_app.infrastructure.security import rate_limiter
from chat_app.services.ports import RateLimiter
from tests.clock import Clock
from tests.fakes import RemoteRateLimiter

A_MOMENT = 0.001
"""Seconds: an event exactly at the edge of a window is within it in one adapter and past it in another."""


@pytest.fixture(params=[rate_limiter.RateLimiter, RemoteRateLimiter, RedisRateLimiter])
async def limiter(
    request: pytest.FixtureRequest, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[RateLimiter]:
    if request.param is not RedisRateLimiter:
        yield request.param(clock)
        return
    # The library has no parameter for its clock.
    monkeypatch.setattr(redispy, "time", SimpleNamespace(time=clock))
    async with connect(request.getfixturevalue("redis_url")) as redis:
        yield RedisRateLimiter(redis, clock)


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
    clock.now += 60 + A_MOMENT
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
    clock.now += 10 + A_MOMENT
    assert await limiter.count(1, 60, "ask", "ann")


async def test_several_counters_count_together(limiter: RateLimiter):
    limits = {("ask", "ann"): 2, ("ask", "all"): 3}
    assert [await limiter.count_each(limits, 60) for _ in range(3)] == [None, None, ("ask", "ann")]
    assert not await limiter.count(2, 60, "ask", "ann")
    assert [await limiter.count(3, 60, "ask", "all") for _ in range(2)] == [True, False]


async def test_several_counters_see_events_that_were_counted_alone(limiter: RateLimiter, clock: Clock):
    limits = {("ask", "ann"): 5, ("ask", "all"): 1}
    await limiter.count(1, 60, "ask", "all")
    assert await limiter.count_each(limits, 60) == ("ask", "all")
    assert 0 < await limiter.wait_for(1, 60, "ask", "all") <= 60
    clock.now += 60 + A_MOMENT
    assert await limiter.count_each(limits, 60) is None
