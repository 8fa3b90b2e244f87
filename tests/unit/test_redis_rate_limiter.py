"""Rate limits in Redis: shared by workers, for as long as their windows."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from chat_app.infrastructure.redis.connection import connect
from chat_app.infrastructure.redis.rate_limiter import RedisRateLimiter
from chat_app.models.errors import SharedStateUnavailable


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with connect(redis_url) as redis:
        yield redis


async def test_workers_count_together(redis: Redis):
    one, other = RedisRateLimiter(redis), RedisRateLimiter(redis)
    counted = await asyncio.gather(*(worker.count(7, 60, "ask", "ann") for _ in range(10) for worker in (one, other)))
    assert counted.count(True) == 7
    assert 0 < await other.wait_for(7, 60, "ask", "ann") <= 60


async def test_workers_count_together_in_several_windows(redis: Redis):
    limits = {("ask", "ann"): 7, ("ask", "all"): 100}
    one, other = RedisRateLimiter(redis), RedisRateLimiter(redis)
    full = await asyncio.gather(*(worker.count_each(limits, 60) for _ in range(10) for worker in (one, other)))
    assert full.count(None) == 7
    assert full.count(("ask", "ann")) == 13
    assert [await one.count(100, 60, "ask", "all") for _ in range(94)].count(True) == 93


async def test_a_window_is_deleted_once_it_is_over(redis: Redis):
    await RedisRateLimiter(redis).count(1, 60, "ask", "안녕")
    (key,) = await redis.keys()
    assert key.startswith("chat:limits:")
    assert 0 < await redis.ttl(key) <= 60


async def test_a_window_of_a_second_passes(redis: Redis):
    limiter = RedisRateLimiter(redis)
    assert await limiter.count(1, 1, "ask", "ann")
    await asyncio.sleep(await limiter.wait_for(1, 1, "ask", "ann") + 0.01)
    assert await limiter.count(1, 1, "ask", "ann")


async def test_without_redis_nothing_is_counted():
    async with connect("unix:///nonexistent/redis.sock") as redis:
        with pytest.raises(SharedStateUnavailable):
            await RedisRateLimiter(redis).count(1, 60, "ask", "ann")
        with pytest.raises(SharedStateUnavailable):
            await RedisRateLimiter(redis).count_each({("ask", "ann"): 1}, 60)
        with pytest.raises(SharedStateUnavailable):
            await RedisRateLimiter(redis).wait_for(1, 60, "ask", "ann")
