"""Each caller may ask so much, and all together."""

import pytest

from chat_app.models.errors import Busy, ChatError, TooManyRequests
from chat_app.services.allowance import MINUTE, Allowance, Limit
from tests.fakes import FakeRateLimiter

ANN, BOB, EVE = "ann", "bob", "eve"


@pytest.fixture
def limiter() -> FakeRateLimiter:
    return FakeRateLimiter()


@pytest.fixture
def allowance(limiter: FakeRateLimiter) -> Allowance:
    return Allowance(limiter, at_once=Limit(each=1, in_all=2), per_minute=Limit(each=2, in_all=3))


async def refusal(allowance: Allowance, owner: str) -> type[ChatError] | None:
    try:
        await allowance.ensure(owner)
    except ChatError as error:
        return type(error)
    return None


class TestAtOnce:
    async def test_each_has_so_many_places(self, allowance: Allowance):
        with allowance.place(ANN):
            assert await refusal(allowance, ANN) is Busy
            with pytest.raises(Busy), allowance.place(ANN):
                pass
            assert await refusal(allowance, BOB) is None

    async def test_all_together_have_so_many(self, allowance: Allowance):
        with allowance.place(ANN), allowance.place(BOB):
            assert await refusal(allowance, EVE) is Busy
        assert await refusal(allowance, EVE) is None

    async def test_a_place_is_free_again_however_it_was_left(self, allowance: Allowance):
        for _ in range(3):
            with pytest.raises(ValueError, match="broken"), allowance.place(ANN):
                raise ValueError("broken")
        assert await refusal(allowance, ANN) is None


class TestPerMinute:
    async def test_each_may_begin_so_many(self, allowance: Allowance):
        for _ in range(2):
            await allowance.count(ANN)
        with pytest.raises(TooManyRequests) as caught:
            await allowance.count(ANN)
        assert caught.value.retry_after == MINUTE
        assert await refusal(allowance, ANN) is TooManyRequests
        assert await refusal(allowance, BOB) is None

    async def test_all_together_may_begin_so_many(self, allowance: Allowance):
        for owner in (ANN, ANN, BOB):
            await allowance.count(owner)
        with pytest.raises(TooManyRequests):
            await allowance.count(EVE)
        assert await refusal(allowance, EVE) is TooManyRequests

    async def test_who_is_refused_takes_nothing_away_from_others(self, allowance: Allowance):
        await allowance.count(ANN)
        await allowance.count(ANN)
        for _ in range(9):
            with pytest.raises(TooManyRequests):
                await allowance.count(ANN)
        await allowance.count(BOB)

    async def test_looking_takes_nothing(self, allowance: Allowance):
        for _ in range(9):
            await allowance.ensure(ANN)

    async def test_later_there_is_room_again(self, allowance: Allowance, limiter: FakeRateLimiter):
        for _ in range(2):
            await allowance.count(ANN)
        limiter.pass_time()
        await allowance.count(ANN)
