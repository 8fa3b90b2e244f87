"""Shared by the unit tests."""

import asyncio
import gc
from collections.abc import AsyncIterator

import pytest


@pytest.fixture
async def nothing_left() -> AsyncIterator[None]:
    """Fails a test that leaves a task running, or an exception that nobody has looked at."""
    gc.collect()  # what earlier tests have left is none of this one's business
    before = asyncio.all_tasks()
    yield
    # asyncio reports such an exception when its task is collected; anyio's plugin raises what is reported.
    gc.collect()
    left = asyncio.all_tasks() - before
    assert [task for task in left if "TestRunner" not in repr(task.get_coro())] == []
