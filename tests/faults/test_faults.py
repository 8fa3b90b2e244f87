"""Nothing is lost, doubled or billed twice, whatever fails: the most telling faults briefly, and all at length."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from functools import partial

import pytest

from tests import postgres, redis_server
from tests.faults import scenarios
from tests.faults.faults import FAULTS, Drive
from tests.faults.ground import Ground, Impossible, shared_ground
from tests.faults.trial import Trial

BRIEFLY: dict[str, Drive] = {
    "a_worker_killed": scenarios.killed,
    "redis_emptied": partial(scenarios.redis_lost, at_once=6, seconds=4),
    "connections_cut": scenarios.connections_cut,
    "the_same_id_at_both_workers": scenarios.asked_twice,
}


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def ground(loop: asyncio.Runner) -> Iterator[Ground]:
    stack = AsyncExitStack()
    try:
        yield loop.run(stack.enter_async_context(shared_ground(with_proxies=True)))
    except (postgres.NotInstalled, redis_server.NotInstalled) as missing:
        pytest.skip(str(missing))
    finally:
        loop.run(stack.aclose())


@pytest.mark.parametrize("fault", BRIEFLY)
def test_nothing_is_lost_or_doubled_with(fault: str, loop: asyncio.Runner, ground: Ground):
    trial = Trial(ground, fault, words=30)

    async def count():
        await BRIEFLY[fault](trial, 8)
        return await trial.count()

    result = loop.run(count())
    assert result.is_sound, result


@pytest.mark.faults
@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_of_200_answers_is_lost_or_doubled(fault: str):
    try:
        result = asyncio.run(FAULTS[fault].run(200))
    except (postgres.NotInstalled, redis_server.NotInstalled, Impossible) as missing:
        pytest.skip(str(missing))
    assert result.is_sound, result
