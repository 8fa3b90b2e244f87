"""A movable deadline for several waits."""

import asyncio

import pytest

from chat_app.models.errors import ModelTimeout
from chat_app.services.answering.deadline import Deadline
from tests.clock import VIRTUAL_TIME, Backend
from tests.fakes import until

pytestmark = pytest.mark.anyio

SHORT, LONG = 0.05, 60.0


@pytest.fixture(scope="module")
def anyio_backend() -> Backend:
    return VIRTUAL_TIME


def soon(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds


async def test_a_result_in_time_is_returned():
    with Deadline(soon(LONG)) as deadline:
        assert await deadline.wait(asyncio.sleep(0, "Hello")) == "Hello"


async def test_waiting_longer_than_the_deadline_is_a_time_out():
    with Deadline(soon(SHORT)) as deadline, pytest.raises(ModelTimeout):
        await deadline.wait(asyncio.sleep(LONG))


async def test_a_deadline_can_be_moved_to_later():
    with Deadline(soon(SHORT)) as deadline:
        await deadline.wait(asyncio.sleep(0))
        deadline.due = soon(LONG)
        await deadline.wait(asyncio.sleep(SHORT * 2))


async def test_a_deadline_can_be_moved_to_earlier():
    with Deadline(soon(LONG)) as deadline:
        await deadline.wait(asyncio.sleep(0))
        deadline.due = soon(SHORT)
        with pytest.raises(ModelTimeout):
            await deadline.wait(asyncio.sleep(LONG))


async def test_a_deadline_that_passes_without_a_wait_counts_at_the_next_one():
    with Deadline(soon(SHORT)) as deadline:
        await deadline.wait(asyncio.sleep(0))
        await asyncio.sleep(SHORT * 2)
        with pytest.raises(ModelTimeout):
            await deadline.wait(asyncio.sleep(LONG))


async def test_a_task_cancelled_at_the_deadline_is_cancelled():
    async def wait() -> None:
        with Deadline(soon(-SHORT)) as deadline:
            await deadline.wait(late())

    async def late() -> None:
        try:
            await asyncio.sleep(LONG)
        except asyncio.CancelledError:
            waiting.cancel()
            raise

    waiting = asyncio.create_task(wait())
    await until(waiting.done)
    assert waiting.cancelled()
