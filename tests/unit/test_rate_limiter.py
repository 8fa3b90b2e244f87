"""Somebody may do something so often within so many seconds."""

import time

import pytest

from chat_app.infrastructure.rate_limiter import RateLimiter


@pytest.fixture
def limiter() -> RateLimiter:
    return RateLimiter()


async def test_so_often_and_no_more(limiter: RateLimiter):
    assert [await limiter.count(2, 60, "ask", "ann") for _ in range(4)] == [True, True, False, False]


async def test_each_for_themselves(limiter: RateLimiter):
    await limiter.count(1, 60, "ask", "ann")
    assert await limiter.count(1, 60, "ask", "bob")
    assert await limiter.count(1, 60, "visit", "ann")


async def test_it_says_how_long_to_wait(limiter: RateLimiter):
    assert await limiter.wait_for(1, 60, "ask", "ann") == 0
    await limiter.count(1, 60, "ask", "ann")
    assert 50 < await limiter.wait_for(1, 60, "ask", "ann") <= 60


async def test_afterwards_it_starts_again(limiter: RateLimiter, monkeypatch: pytest.MonkeyPatch):
    await limiter.count(1, 60, "ask", "ann")
    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)
    assert await limiter.wait_for(1, 60, "ask", "ann") == 0
    assert await limiter.count(1, 60, "ask", "ann")
