"""``/stream`` on two workers that share Redis and PostgreSQL: tickets, ids and limits are the same on both."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.fake_upstream import FakeUpstream
from tests.postgres import PostgresServer
from tests.server import ORIGIN, ApiServer
from tests.stream_client import StreamClient

Workers = Callable[..., list[ApiServer]]
Connect = Callable[..., StreamClient]

SHOP = "shop-0123456789abcdefgh"
AS_SHOP = {"Authorization": f"Bearer {SHOP}"}


@pytest.fixture
def workers(serve: Callable[..., ApiServer], redis_url: str, postgres: PostgresServer) -> Workers:
    """Start two workers with the test's own settings."""
    shared = {"redis_url": redis_url, "database_url": postgres.create_database()}
    return lambda **settings: [
        serve(is_open=False, stream_api_keys={"shop": SHOP}, **shared, **settings) for _ in range(2)
    ]


def test_a_ticket_of_one_worker_starts_an_answer_on_the_other_once(
    workers: Workers, connect: Connect, upstream: FakeUpstream
):
    one, other = workers()
    ticket = httpx.post(f"{one.url}/stream/tickets", headers=AS_SHOP).json()["ticket"]
    browsers = [connect(worker, Origin=ORIGIN) for worker in (other, other, one)]
    replies = [browser.get("Hi", ticket=ticket) for browser in browsers]
    assert [reply.status for reply in replies] == [200, 401, 401]
    assert replies[0].text == "Hello from the fake upstream."
    assert upstream.calls == 1


@pytest.mark.parametrize("client_id", ["3f2b8c1e-7d4a-4b6e-9c5d-0a1b2c3d4e5f", "order-7"])
def test_the_same_id_on_both_workers_at_once_is_one_answer(
    workers: Workers, connect: Connect, upstream: FakeUpstream, client_id: str
):
    programs = [connect(worker, **AS_SHOP) for worker in workers()]
    with ThreadPoolExecutor() as pool:
        replies = list(pool.map(lambda program: program.post("Hi", id=client_id), programs))
    assert [reply.text for reply in replies] == ["Hello from the fake upstream."] * 2
    assert replies[0].done["id"] == replies[1].done["id"]
    assert upstream.calls == 1


def test_the_limit_of_a_minute_is_that_of_both_workers(workers: Workers, connect: Connect, upstream: FakeUpstream):
    programs = [connect(worker, **AS_SHOP) for worker in workers(max_requests_per_minute_each=3)]
    assert [program.post("Hi").status for program in programs * 2] == [200, 200, 200, 429]
    assert upstream.calls == 3
