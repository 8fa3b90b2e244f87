"""Slots in Redis: shared by workers, and free again when one has crashed."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from chat_app.infrastructure.redis.connection import connect
from chat_app.infrastructure.redis.slots import RedisSlots
from chat_app.models.errors import SharedStateUnavailable
from tests.redis_server import RedisServer

ANN, ALL = ("caller", "ann"), ("all",)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with connect(redis_url) as redis:
        yield redis


async def acquired(slots: RedisSlots) -> bool:
    """Try to acquire Ann's only slot."""
    return await slots.acquire("b", {ANN: 1}) is None


async def test_workers_share_the_limits(redis: Redis):
    one, other = RedisSlots(redis), RedisSlots(redis)
    results = await asyncio.gather(*(worker.acquire(f"{n}", {ALL: 7}) for n in range(10) for worker in (one, other)))
    assert results.count(None) == 7


async def test_the_slots_of_a_crashed_worker_come_free(redis: Redis):
    crashed, other = RedisSlots(redis, lifetime=0.2), RedisSlots(redis)
    await crashed.acquire("a", {ANN: 1})
    assert not await acquired(other)
    async with asyncio.timeout(5):
        while not await acquired(other):  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.02)


async def test_a_renewed_slot_does_not_expire(redis: Redis):
    slots, other = RedisSlots(redis, lifetime=0.6), RedisSlots(redis)
    await slots.acquire("a", {ANN: 1, ALL: 9})
    for _ in range(10):
        await asyncio.sleep(0.1)
        await slots.renew(["a"])
    assert not await acquired(other)


async def test_a_slot_that_has_expired_is_renewed_while_its_answer_runs(redis: Redis):
    """The worker was out of reach for longer than a slot lives."""
    slots, other = RedisSlots(redis), RedisSlots(redis)
    await slots.acquire("a", {ANN: 1})
    await redis.flushall()
    await slots.renew(["a"])
    assert not await acquired(other)


async def test_a_renewal_under_way_does_not_acquire_a_released_slot_again(redis: Redis):
    slots, other = RedisSlots(redis), RedisSlots(redis)
    for _ in range(20):
        await slots.acquire("a", {ANN: 1})
        await asyncio.gather(slots.renew(["a"]), slots.release("a"))
        assert await acquired(other)
        await other.release("b")


async def test_a_worker_that_gives_up_the_same_answer_releases_its_own_slot_only(redis: Redis):
    one, other = RedisSlots(redis), RedisSlots(redis)
    await one.acquire("a", {ANN: 2})
    await other.acquire("a", {ANN: 2})
    await other.release("a")
    assert await redis.zcard("chat:slots:caller:ann") == 1


async def test_nothing_is_left_of_slots_that_nobody_renews(redis: Redis):
    await RedisSlots(redis, lifetime=0.1).acquire("a", {ANN: 1, ALL: 1})
    async with asyncio.timeout(5):
        while await redis.dbsize():  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.02)


async def test_a_slot_that_can_not_be_released_does_not_fail_the_answer(redis_server: RedisServer, redis_url: str):
    async with connect(f"{redis_url}?socket_connect_timeout=0.1") as redis:
        slots = RedisSlots(redis)
        await slots.acquire("a", {ANN: 1})
        redis_server.stop()
        try:
            await slots.release("a")
            with pytest.raises(SharedStateUnavailable):
                await slots.acquire("a", {ANN: 1})
        finally:
            redis_server.start()
