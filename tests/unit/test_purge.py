"""Purge of soft-deleted conversations after the retention."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from chat_app.models.conversation import Conversation
from chat_app.services.conversations.purge import keep_purging
from tests.clock import VIRTUAL_TIME, Backend
from tests.conversing import ANN, LONG
from tests.fakes import FakeStore, files_in, until
from tests.messages import user_message

pytestmark = pytest.mark.usefixtures("nothing_left")

SHORT = 0.001


@pytest.fixture(scope="module")
def anyio_backend() -> Backend:
    return VIRTUAL_TIME


@asynccontextmanager
async def purging(store: FakeStore, *, retention: float = 0, interval: float = SHORT) -> AsyncIterator[None]:
    running = asyncio.create_task(keep_purging(store, files_in(store), retention=retention, interval=interval))
    yield
    running.cancel()
    await asyncio.wait([running])


async def add(store: FakeStore) -> Conversation:
    """Store a conversation with a message; the message shows whether it was purged."""
    conversation = Conversation(owner=ANN, title="")
    message = user_message("Hello?", conversation_id=conversation.id)
    await store.add_conversation(conversation, [message])
    return conversation


async def delete(store: FakeStore) -> None:
    """Store a conversation and soft-delete it."""
    await store.delete_conversation(ANN, (await add(store)).id)


async def test_purging_begins_at_once(store: FakeStore):
    await delete(store)
    async with purging(store, interval=LONG):
        await until(lambda: not store.messages)


async def test_purging_repeats(store: FakeStore):
    async with purging(store):
        for _ in range(3):
            await delete(store)
            await until(lambda: not store.messages)


async def test_a_lately_deleted_conversation_is_not_purged(store: FakeStore):
    await delete(store)
    async with purging(store, retention=LONG):
        await asyncio.sleep(SHORT * 20)
    assert len(store.messages) == 1


async def test_a_conversation_that_is_not_deleted_is_not_purged(store: FakeStore):
    kept = await add(store)
    async with purging(store):
        await delete(store)
        await until(lambda: len(store.messages) == 1)
    assert await store.conversation(ANN, kept.id) == kept


async def test_a_failed_purge_is_logged_and_tried_again(store: FakeStore, caplog: pytest.LogCaptureFixture):
    await delete(store)
    store.failing = {"purge"}
    async with purging(store):
        await until(lambda: "could not be purged" in caplog.text)
        store.failing = set()
        await until(lambda: not store.messages)
