"""Nothing is lost, doubled or billed twice, whatever fails: the most telling faults briefly, and all at length."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from tests import postgres, redis_server
from tests.faults import scenarios
from tests.faults.__main__ import FAULTS
from tests.faults.trial import Result

Scenario = Callable[[], Awaitable[Result]]

BRIEFLY = {
    "killed": partial(scenarios.killed, 8),
    "redis_lost": partial(scenarios.redis_lost, 8, at_once=4, seconds=4),
    "connections_cut": partial(scenarios.connections_cut, 8),
}


def check(scenario: Scenario) -> None:
    try:
        result = asyncio.run(_run(scenario))
    except (postgres.NotInstalled, redis_server.NotInstalled) as missing:
        pytest.skip(str(missing))
    print(result)
    assert result.is_sound, result


@pytest.mark.parametrize("name", BRIEFLY)
def test_nothing_is_lost_or_doubled_in_a_fault(name: str):
    check(BRIEFLY[name])


@pytest.mark.long
@pytest.mark.parametrize("name", FAULTS)
def test_nothing_of_200_answers_is_lost_or_doubled_in_a_fault(name: str):
    check(partial(FAULTS[name], 200))


async def _run(scenario: Scenario) -> Result:
    return await scenario()
