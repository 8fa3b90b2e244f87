"""Retention and memory of answer logs in memory. The contract of the port is tested in ``tests/unit/ports``."""

import asyncio
import tracemalloc
from contextlib import aclosing

import pytest

from chat_app.infrastructure.log.memory import MemoryAnswerLog
from chat_app.models.events import (
    START,
    AnswerEvent,
    Cursor,
    Done,
    Entry,
    PartEnded,
    PartGrew,
    PartStarted,
)
from chat_app.models.message import Outcome, Status
from chat_app.models.parts import Text
from tests.clock import VIRTUAL_TIME, Backend
from tests.conversing import ANN

pytestmark = pytest.mark.usefixtures("nothing_left")

LONG, SHORT = 60.0, 0.02
DONE = Done(Outcome(Status.COMPLETE))
HEL, LO = PartStarted(0, Text("Hel")), PartGrew(0, Text("lo."))
HELLO = PartEnded(0, Text("Hello."))
LONG_TEXT = PartStarted(0, Text("x" * 10_000))


@pytest.fixture(scope="module")
def anyio_backend() -> Backend:
    return VIRTUAL_TIME


@pytest.fixture
def log() -> MemoryAnswerLog:
    return MemoryAnswerLog(retention=LONG)


async def write(log: MemoryAnswerLog, answer_id: str, *events: AnswerEvent) -> None:
    await log.create(answer_id, ANN)
    for event in events:
        await log.append(answer_id, event)


async def read(log: MemoryAnswerLog, answer_id: str, after: Cursor = START) -> list[Entry]:
    return [entry async for batch in log.read(answer_id, after) for entry in batch]


async def kept(log: MemoryAnswerLog, *answer_ids: str) -> list[str]:
    return [answer_id for answer_id in answer_ids if await log.owner(answer_id)]


class TestRetention:
    async def test_an_ended_log_is_dropped_after_its_retention(self):
        log = MemoryAnswerLog(retention=SHORT)
        await write(log, "a", DONE)
        assert await log.owner("a")
        await asyncio.sleep(SHORT * 2)
        assert await log.owner("a") is None

    async def test_a_running_log_is_not_dropped(self):
        log = MemoryAnswerLog(retention=0, max_bytes=1)
        await write(log, "a", HEL)
        await write(log, "b", DONE)
        await asyncio.sleep(SHORT)
        assert await kept(log, "a", "b") == ["a"]

    async def test_a_reader_may_read_on_when_the_log_is_gone(self):
        log = MemoryAnswerLog(retention=0)
        await write(log, "a", HEL)
        async with aclosing(log.read("a")) as batches:
            await anext(batches)
            await log.append("a", DONE)
            await asyncio.sleep(SHORT)
            assert await log.owner("a") is None
            assert [entry.event for entry in await anext(batches)] == [DONE]

    async def test_an_id_used_again_is_not_dropped_in_the_earlier_ones_place(self):
        log = MemoryAnswerLog(retention=SHORT * 5, max_bytes=1)
        await write(log, "a", DONE)
        await write(log, "b", DONE)  # which takes the place of "a"
        assert await kept(log, "a") == []
        await write(log, "a", HEL)
        await asyncio.sleep(SHORT * 6)
        assert await kept(log, "a", "b") == ["a"]


class TestMemory:
    async def test_the_oldest_ended_log_makes_room(self):
        log = MemoryAnswerLog(retention=LONG, max_bytes=30_000)
        for answer_id in "abcd":
            await write(log, answer_id, LONG_TEXT, DONE)
        assert await kept(log, *"abcd") == ["c", "d"]

    async def test_the_newest_log_stays_however_large_it_is(self):
        log = MemoryAnswerLog(retention=LONG, max_bytes=1000)
        await write(log, "a", LONG_TEXT, DONE)
        assert await kept(log, "a") == ["a"]

    async def test_room_of_dropped_logs_can_be_used(self):
        log = MemoryAnswerLog(retention=SHORT, max_bytes=30_000)
        await write(log, "a", LONG_TEXT, DONE)
        await write(log, "b", LONG_TEXT, DONE)
        await asyncio.sleep(SHORT * 2)
        await write(log, "c", LONG_TEXT, DONE)
        await write(log, "d", LONG_TEXT, DONE)
        assert await kept(log, *"abcd") == ["c", "d"]

    @pytest.mark.parametrize("pieces", [["word ", "안녕하세요", "😀"] * 100, []], ids=["large", "small"])
    async def test_counted_bytes_are_those_that_logs_take(self, pieces: list[str]):
        limit = 1_000_000
        log = MemoryAnswerLog(retention=LONG, max_bytes=limit)
        tracemalloc.start()
        try:
            for number in range(1500 if not pieces else 50):
                await write(log, str(number), *(PartGrew(0, Text(f"{number}{piece}")) for piece in pieces), DONE)
            used, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert limit * 0.5 < used < limit * 1.3
