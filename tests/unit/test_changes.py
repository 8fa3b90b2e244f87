"""Change notifications, per owner: none is missed."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from chat_app.services.conversations.changes import Changes
from tests.clock import VIRTUAL_TIME, Backend
from tests.conversing import ANN, BOB, LONG

pytestmark = pytest.mark.usefixtures("nothing_left")


@pytest.fixture(scope="module")
def anyio_backend() -> Backend:
    return VIRTUAL_TIME


async def is_notified(watching: AsyncGenerator[None, None]) -> bool:
    """Return True if a change is pending; otherwise the watch ends."""
    try:
        async with asyncio.timeout(0.05):
            await anext(watching)
    except TimeoutError:
        return False
    return True


async def test_a_watcher_is_notified_at_once(changes: Changes):
    async with aclosing(changes.watch(ANN)) as watching:
        assert await is_notified(watching)
        assert not await is_notified(watching)


async def test_each_watcher_is_notified_of_a_change(changes: Changes):
    async with aclosing(changes.watch(ANN)) as one, aclosing(changes.watch(ANN)) as other:
        await anext(one)
        await anext(other)
        changes.notify(ANN)
        assert await is_notified(one)
        assert await is_notified(other)


async def test_several_changes_are_one_notification(changes: Changes):
    async with aclosing(changes.watch(ANN)) as watching:
        await anext(watching)
        for _ in range(3):
            changes.notify(ANN)
        assert await is_notified(watching)
        assert not await is_notified(watching)


async def test_a_change_during_a_notification_is_the_next_one(changes: Changes):
    notifications = 0
    async with asyncio.timeout(LONG), aclosing(changes.watch(ANN)) as watching:
        async for _ in watching:
            notifications += 1
            if notifications == 3:
                break
            await asyncio.sleep(0)
            changes.notify(ANN)
            await asyncio.sleep(0)
    assert notifications == 3


async def test_a_watcher_can_be_notified_at_intervals_without_changes(changes: Changes):
    notifications = 0
    async with asyncio.timeout(LONG), aclosing(changes.watch(ANN, at_least_every=0.01)) as watching:
        async for _ in watching:
            notifications += 1
            if notifications == 3:
                break


async def test_other_owners_changes_are_not_notified(changes: Changes):
    async with aclosing(changes.watch(ANN)) as watching:
        await anext(watching)
        changes.notify(BOB)
        assert not await is_notified(watching)


async def test_a_watcher_that_leaves_disturbs_no_other(changes: Changes):
    async with aclosing(changes.watch(ANN)) as staying:
        await anext(staying)
        async with aclosing(changes.watch(ANN)) as leaving:
            await anext(leaving)
        changes.notify(ANN)
        assert await is_notified(staying)


async def test_a_change_without_watchers_has_no_effect(changes: Changes):
    changes.notify(ANN)
    async with aclosing(changes.watch(ANN)) as watching:
        await anext(watching)
    changes.notify(ANN)
