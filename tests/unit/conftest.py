"""Shared by the unit tests."""

import asyncio
import gc
from collections.abc import AsyncIterator

import pytest

from tests.fakes import FakeStore, ScriptedProvider


@pytest.fixture
async def nothing_left() -> AsyncIterator[None]:
    """Fails a test that leaves a task running, or an exception that nobody has looked at."""
    gc.freeze()  # what others have left is none of this test's business
    before = asyncio.all_tasks()
    yield
    # asyncio reports such an exception when its task is collected; anyio's plugin raises what is reported.
    gc.collect()
    gc.unfreeze()
    left = asyncio.all_tasks() - before
    assert [task for task in left if "TestRunner" not in repr(task.get_coro())] == []


@pytest.fixture
def provider() -> ScriptedProvider:
    return ScriptedProvider()


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()
