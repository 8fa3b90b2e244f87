"""The connection to Redis: deadlines, outages, restarts."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import pytest
from redis.asyncio import Redis
from redis.exceptions import DataError

from chat_app.config import ConfigError
from chat_app.infrastructure.redis.connection import connect, translating_errors
from chat_app.models.errors import SharedStateUnavailable
from tests.redis_server import NotInstalled, RedisServer


@pytest.fixture
def server() -> Iterator[RedisServer]:
    """A server that no other test uses, to be stopped."""
    try:
        server = RedisServer(appendonly=True)
    except NotInstalled as missing:
        pytest.skip(str(missing))
    with server:
        yield server


@pytest.fixture
async def redis(server: RedisServer) -> AsyncIterator[Redis]:
    redis = connect(server.url)
    yield redis
    await redis.aclose()


async def test_strings_come_back_as_strings(redis: Redis):
    async with translating_errors():
        await redis.set("chat:greeting", "안녕")
        assert await redis.get("chat:greeting") == "안녕"


@pytest.mark.parametrize(
    "url",
    [
        "redis://:hunter2@localhost:99999",
        "redis://localhost?db=hunter2",
        "rediss://localhost?ssl_cert_reqs=sometimes&password=hunter2",
    ],
)
def test_a_wrong_address_is_refused_at_the_start_without_showing_it(url: str):
    with pytest.raises(ConfigError, match="REDIS_URL=") as refusal:
        connect(url)
    assert "hunter2" not in str(refusal.value)
    assert refusal.value.__suppress_context__


async def test_a_server_that_does_not_run_is_unavailable_at_once(redis: Redis, server: RedisServer):
    server.stop()
    started = time.monotonic()
    with pytest.raises(SharedStateUnavailable):
        async with translating_errors():
            await redis.get("chat:none")
    assert time.monotonic() - started < 1


async def test_a_server_that_does_not_reply_is_unavailable_after_the_timeout(redis: Redis, server: RedisServer):
    await redis.get("chat:none")
    server.pause()
    with pytest.raises(SharedStateUnavailable):
        async with translating_errors(timeout=0.1):
            await redis.set("chat:count", "1")
    server.resume()
    async with translating_errors():
        assert await redis.get("chat:none") is None  # not the late reply to the command before


async def test_the_first_call_after_a_restart_works(redis: Redis, server: RedisServer):
    await asyncio.gather(*(redis.incr("chat:count") for _ in range(5)))  # several connections
    server.kill()
    await asyncio.to_thread(server.start)  # meanwhile the loop receives the ends of the connections
    async with translating_errors():
        assert [await redis.incr("chat:count") for _ in range(5)] == [6, 7, 8, 9, 10]


async def test_a_refused_command_is_an_outage(redis: Redis):
    await redis.config_set("maxmemory", 1)
    with pytest.raises(SharedStateUnavailable, match="OutOfMemory"):
        async with translating_errors():
            await redis.set("chat:greeting", "Hello")


@pytest.mark.parametrize("rest", [":99999", "?unknown=1", "?socket_timeout=soon"])
def test_a_url_that_no_connection_can_have_is_refused_without_its_password(rest: str):
    with pytest.raises(ConfigError, match=r"^REDIS_URL=\(hidden\): ") as failure:
        connect(f"redis://:secret-password@localhost{rest}")
    assert "secret-password" not in str(failure.value)


async def test_an_argument_that_can_not_be_sent_is_a_bug(redis: Redis):
    with pytest.raises(DataError):
        async with translating_errors():
            await redis.set("chat:greeting", [])  # pyright: ignore[reportArgumentType] - the error that is tested


async def test_more_calls_than_connections_wait_for_one(redis: Redis):
    async with translating_errors(timeout=30):
        assert len(await asyncio.gather(*(redis.incr("chat:count") for _ in range(500)))) == 500
        assert len(await redis.client_list()) <= 32


async def test_cancelled_calls_give_their_connections_back(redis: Redis):
    async def wait() -> None:
        await redis.xread({"chat:none": "$"}, block=10_000)

    calls = [asyncio.create_task(wait()) for _ in range(100)]
    await asyncio.sleep(0.1)
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    async with translating_errors():
        assert await redis.incr("chat:count") == 1
