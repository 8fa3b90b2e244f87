"""Contract of ``ports.Leases``: one holder at a time."""

from collections.abc import AsyncIterator

import pytest

from chat_app.infrastructure.log.leases import MemoryLeases
from chat_app.services.ports import Leases
from tests.fakes import LosableLeases
from tests.redis_worker import RedisWorker


@pytest.fixture(params=["memory", "fake", "redis"])
async def leases(request: pytest.FixtureRequest) -> AsyncIterator[Leases]:
    if request.param == "redis":
        async with RedisWorker(request.getfixturevalue("redis_url"), "one") as worker:
            yield worker.leases
    else:
        yield (MemoryLeases if request.param == "memory" else LosableLeases)()


async def test_a_lease_has_one_holder_until_it_is_released(leases: Leases):
    assert await leases.acquire("a")
    assert not await leases.acquire("a")
    assert await leases.held(["a", "b"]) == {"a"}
    assert await leases.renew(["a"]) == {"a"}
    await leases.release("a")
    await leases.release("b")
    assert await leases.held(["a"]) == set()
    assert await leases.acquire("a")


async def test_no_leases_are_held_or_renewed_of_no_answers(leases: Leases):
    assert await leases.held([]) == await leases.renew([]) == set()
