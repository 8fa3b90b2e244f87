"""Concurrency and rate limits on answers: for each caller, per network, without a key, and in all."""

from collections import Counter
from contextlib import AsyncExitStack

import pytest

from chat_app.models.errors import Busy, TooManyRequests
from chat_app.models.message import new_id
from chat_app.models.principal import Caller, Principal, PrincipalKind
from chat_app.services.answering.allowance import MINUTE, Allowance, Limits
from tests.fakes import RemoteRateLimiter, RemoteSlots

HOME, OFFICE, SCHOOL = "192.0.2.1", "198.51.100.7", "2001:db8::/64"
ANN, BOB, EVE = Caller(Principal("ann"), HOME), Caller(Principal("bob"), OFFICE), Caller(Principal("eve"), SCHOOL)
SHOP = Caller(Principal("shop", PrincipalKind.PROGRAM), HOME)
LIMITS = Limits(each=2, per_network=3, without_key=4, in_all=6)


def visitors(number: int, network: str = HOME) -> list[Caller]:
    """Visitors with different cookies from the same network."""
    return [Caller(Principal(f"{network} {index}"), network) for index in range(number)]


@pytest.fixture
def limiter() -> RemoteRateLimiter:
    return RemoteRateLimiter()


@pytest.fixture
def allowance(limiter: RemoteRateLimiter) -> Allowance:
    return Allowance(RemoteSlots(), limiter, at_once=LIMITS, per_minute=LIMITS)


class AtOnce:
    """Answers that run until the test ends."""

    def __init__(self, allowance: Allowance, places: AsyncExitStack) -> None:
        self._allowance = allowance
        self._slots = places

    async def begin(self, caller: Caller) -> bool:
        try:
            await self._slots.enter_async_context(self._allowance.slot(new_id(), caller))
        except Busy:
            return False
        return True


class InAMinute:
    """Answers that begin within a minute."""

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance

    async def begin(self, caller: Caller) -> bool:
        try:
            await self._allowance.count(caller)
        except TooManyRequests as error:
            assert error.retry_after == MINUTE
            return False
        return True


@pytest.fixture(params=["at once", "in a minute"])
async def answers(request: pytest.FixtureRequest, allowance: Allowance):
    """Both kinds of limits, each with the numbers of ``LIMITS``."""
    async with AsyncExitStack() as places:
        yield AtOnce(allowance, places) if request.param == "at once" else InAMinute(allowance)


class TestGroups:
    async def test_a_caller_may_begin_no_more_than_its_limit(self, answers: AtOnce):
        assert [await answers.begin(ANN) for _ in range(4)] == [True, True, False, False]
        assert await answers.begin(BOB)

    async def test_many_visitors_from_one_network_may_begin_no_more_than_it_has(self, answers: AtOnce):
        begun = Counter([await answers.begin(caller) for caller in visitors(44) for _ in range(2)])
        assert begun[True] == 3
        assert await answers.begin(BOB)

    async def test_visitors_from_many_networks_leave_the_share_of_keys(self, answers: AtOnce):
        crowd = [Caller(Principal(f"visitor {index}"), f"192.0.2.{index}") for index in range(44)]
        assert Counter([await answers.begin(caller) for caller in crowd])[True] == 4
        assert [await answers.begin(SHOP) for _ in range(3)] == [True, True, False]

    async def test_keys_may_have_more_than_their_share(self, answers: AtOnce):
        programs = [Caller(Principal(name, PrincipalKind.PROGRAM), HOME) for name in "abcd"]
        assert Counter([await answers.begin(caller) for caller in programs for _ in range(2)])[True] == 6
        assert not await answers.begin(ANN)

    async def test_a_program_is_not_held_up_by_visitors_from_its_network(self, answers: AtOnce):
        for caller in visitors(4):
            await answers.begin(caller)
        assert await answers.begin(SHOP)

    async def test_a_refused_caller_takes_nothing_away_from_others(self, answers: AtOnce):
        for _ in range(9):
            await answers.begin(ANN)
        assert await answers.begin(Caller(Principal("ann's brother"), HOME))

    async def test_callers_on_this_machine_do_not_get_the_share_of_keys(self, answers: AtOnce):
        local = [Caller(Principal(f"anyone {index}", PrincipalKind.LOCAL), f"127.0.0.{index}") for index in range(9)]
        assert Counter([await answers.begin(caller) for caller in local])[True] == 4


async def test_a_place_is_free_again_however_it_was_left(allowance: Allowance):
    for _ in range(3):
        with pytest.raises(ValueError, match="broken"):
            async with allowance.slot("a", ANN), allowance.slot("b", ANN):
                raise ValueError("broken")


async def test_a_refusal_by_a_larger_group_is_not_counted_for_the_caller(
    allowance: Allowance, limiter: RemoteRateLimiter
):
    for caller in visitors(3):
        await allowance.count(caller)
    for _ in range(3):
        with pytest.raises(TooManyRequests):
            await allowance.count(ANN)
    assert await limiter.wait_for(1, MINUTE, "answers", "caller", ANN.principal.key) == 0


async def test_a_refused_caller_may_ask_again_a_minute_later(allowance: Allowance, limiter: RemoteRateLimiter):
    for _ in range(2):
        await allowance.count(ANN)
    limiter.clock.now += 60
    await allowance.count(ANN)


class TestLimitsOfATotal:
    def test_a_network_has_a_third_unless_said_otherwise(self):
        assert Limits.within(600, each=60, per_network=None, keys_share=0).per_network == 200
        assert Limits.within(90, each=60, per_network=None, keys_share=0).per_network == 60
        assert Limits.within(600, each=60, per_network=50, keys_share=0).per_network == 50

    def test_visitors_have_what_keys_leave(self):
        assert Limits.within(600, each=60, per_network=None, keys_share=0.25).without_key == 450
        assert Limits.within(600, each=60, per_network=None, keys_share=0).without_key == 600

    def test_no_group_has_a_limit_of_zero(self):
        assert Limits.within(1, each=1, per_network=None, keys_share=0.9) == Limits(1, 1, 1, 1)
