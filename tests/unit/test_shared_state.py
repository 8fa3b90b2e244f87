"""The state that all processes share."""

import multiprocessing
from multiprocessing.queues import SimpleQueue

import pytest

from chat_app.config import ConfigError, Settings
from chat_app.infrastructure import shared_state
from chat_app.infrastructure.redis.connection import connect


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="this system doesn't fork")
def test_workers_forked_from_one_process_have_ids_of_their_own():
    context = multiprocessing.get_context("fork")
    before, ids = shared_state._process_id(), context.SimpleQueue()
    workers = [context.Process(target=_put_id, args=[ids]) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len({before, ids.get(), ids.get()}) == 3
    assert shared_state._process_id() == before


async def test_the_start_fails_with_a_sentence_while_redis_is_out_of_reach():
    config = Settings(redis_url="redis://:secret-password@127.0.0.1:1", database_url="postgresql://localhost/chat")
    with pytest.raises(ConfigError, match=r"^REDIS_URL=\(hidden\): .*Connect call failed") as failure:
        async with shared_state.shared_state(config).opened(lambda _: None):
            pass
    assert "secret-password" not in str(failure.value)


async def test_the_start_fails_with_a_sentence_if_redis_can_only_be_read(redis_url: str):
    config = Settings(redis_url=redis_url, database_url="postgresql://localhost/chat")
    async with connect(redis_url) as redis:
        await redis.config_set("maxmemory", "1")
        try:
            with pytest.raises(ConfigError, match=r"^REDIS_URL=\(hidden\): .*used memory"):
                async with shared_state.shared_state(config).opened(lambda _: None):
                    pass
        finally:
            await redis.config_set("maxmemory", "0")


@pytest.mark.parametrize(
    ("policy", "maxmemory", "is_warned"),
    [("allkeys-lru", "100mb", True), ("noeviction", "100mb", False), ("allkeys-lru", "0", False)],
)
async def test_the_log_names_an_eviction_policy_that_deletes_running_answers(
    policy: str, maxmemory: str, is_warned: bool, redis_url: str, caplog: pytest.LogCaptureFixture
):
    config = Settings(redis_url=redis_url, database_url="postgresql://localhost/chat")
    async with connect(redis_url) as redis:
        await redis.config_set("maxmemory", maxmemory)
        await redis.config_set("maxmemory-policy", policy)
        try:
            async with shared_state.shared_state(config).opened(lambda _: None):
                pass
        finally:
            await redis.config_set("maxmemory", "0")
            await redis.config_set("maxmemory-policy", "noeviction")
    assert ("its maxmemory-policy is allkeys-lru" in caplog.text) == is_warned


def _put_id(ids: SimpleQueue[str]) -> None:
    ids.put(shared_state._process_id())
