"""Tickets: used once, on whichever worker."""

from collections.abc import AsyncIterator

import pytest

from chat_app.api.security.tickets import Tickets
from chat_app.infrastructure.redis.connection import connect
from chat_app.infrastructure.redis.rate_limiter import RedisRateLimiter
from chat_app.infrastructure.security.signer import TokenIssuer
from tests.fakes import RemoteRateLimiter


@pytest.fixture(params=["memory", "redis"])
async def workers(request: pytest.FixtureRequest) -> AsyncIterator[list[Tickets]]:
    """The tickets of one worker twice, or those of two workers that share Redis."""
    if request.param == "memory":
        yield [Tickets(TokenIssuer("a secret key for tests", "ticket"), RemoteRateLimiter())] * 2
        return
    url = request.getfixturevalue("redis_url")
    async with connect(url) as one, connect(url) as other:
        yield [
            Tickets(TokenIssuer("a secret key for tests", "ticket"), RedisRateLimiter(redis)) for redis in (one, other)
        ]


async def test_a_ticket_can_be_used_once_and_on_another_worker_than_its_issuer(workers: list[Tickets]):
    one, other = workers
    ticket = other.read(one.issue("shop"))
    assert ticket
    assert ticket.holder == "shop"
    assert [await worker.use(ticket) for worker in (other, other, one)] == [True, False, False]


async def test_each_ticket_is_for_an_answer_of_its_own(workers: list[Tickets]):
    one, other = workers
    tickets = [other.read(one.issue("shop")) for _ in range(2)]
    assert [await one.use(ticket) for ticket in tickets if ticket] == [True, True]
