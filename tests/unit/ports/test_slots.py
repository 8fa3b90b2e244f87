"""Contract of ``ports.Slots``: slots in groups, all or none."""

from collections.abc import AsyncIterator

import pytest

from chat_app.infrastructure.log.slots import MemorySlots
from chat_app.infrastructure.redis.connection import connect
from chat_app.infrastructure.redis.slots import RedisSlots
from chat_app.services.ports import Slots
from tests.fakes import RemoteSlots

ANN, BOB, ALL = ("caller", "ann"), ("caller", "bob"), ("all",)


@pytest.fixture(params=[MemorySlots, RemoteSlots, RedisSlots])
async def slots(request: pytest.FixtureRequest) -> AsyncIterator[Slots]:
    if request.param is not RedisSlots:
        yield request.param()
        return
    async with connect(request.getfixturevalue("redis_url")) as redis:
        yield RedisSlots(redis)


async def test_no_more_than_the_limit_are_acquired(slots: Slots):
    assert [await slots.acquire(holder, {ANN: 2}) for holder in "abcd"] == [None, None, ANN, ANN]


async def test_a_released_slot_can_be_acquired(slots: Slots):
    assert await slots.acquire("a", {ANN: 1}) is None
    await slots.release("a")
    assert await slots.acquire("b", {ANN: 1}) is None


async def test_each_group_has_slots_of_its_own(slots: Slots):
    assert await slots.acquire("a", {ANN: 1}) is None
    assert await slots.acquire("b", {BOB: 1}) is None


async def test_nothing_is_acquired_where_one_group_is_full(slots: Slots):
    assert await slots.acquire("a", {ANN: 1, ALL: 1}) is None
    assert await slots.acquire("b", {BOB: 1, ALL: 1}) == ALL
    await slots.release("b")
    await slots.release("a")
    assert await slots.acquire("c", {BOB: 1, ALL: 1}) is None


async def test_the_first_group_that_is_full_is_returned(slots: Slots):
    await slots.acquire("a", {ANN: 1, ALL: 1})
    assert await slots.acquire("b", {ANN: 1, ALL: 1}) == ANN


async def test_a_holder_holds_as_many_slots_as_it_acquires(slots: Slots):
    assert [await slots.acquire("a", {ANN: 2}) for _ in range(3)] == [None, None, ANN]
    await slots.release("a")
    assert [await slots.acquire(holder, {ANN: 2}) for holder in "bc"] == [None, ANN]


async def test_a_holder_without_slots_releases_nothing(slots: Slots):
    await slots.acquire("a", {ANN: 1})
    await slots.release("b")
    await slots.renew(["b"])
    assert await slots.acquire("c", {ANN: 1}) == ANN


async def test_a_renewed_slot_is_held_once(slots: Slots):
    await slots.acquire("a", {ANN: 1, ALL: 2})
    await slots.renew(["a", "b"])
    await slots.release("a")
    assert await slots.acquire("b", {ANN: 1, ALL: 1}) is None


async def test_a_limit_may_be_lowered_below_the_number_that_are_held(slots: Slots):
    for holder in "abc":
        await slots.acquire(holder, {ALL: 3})
    assert await slots.acquire("d", {ALL: 2}) == ALL
