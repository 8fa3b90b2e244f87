"""Contract of ``ports.AnswerLog``: one writer, many readers, each at its own pace."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from chat_app.infrastructure.log.memory import MemoryAnswerLog
from chat_app.models.events import (
    END,
    FAILED,
    START,
    WHOLE,
    AnswerEvent,
    Cursor,
    Done,
    Entry,
    Failure,
    PartEnded,
    PartGrew,
    PartStarted,
)
from chat_app.models.message import Outcome, Status
from chat_app.models.parts import Reasoning, Text
from chat_app.services.ports import AnswerLog
from tests.conversing import ANN, BOB
from tests.fakes import RemoteLog
from tests.redis_worker import RedisWorker

pytestmark = pytest.mark.usefixtures("nothing_left")

LONG = 60.0
DONE = Done(Outcome(Status.COMPLETE))
HEL, LO = PartStarted(0, Text("Hel")), PartGrew(0, Text("lo."))
HELLO = PartEnded(0, Text("Hello."))


@pytest.fixture(params=["memory", "fake", "redis"])
async def log(request: pytest.FixtureRequest) -> AsyncIterator[AnswerLog]:
    if request.param == "redis":
        async with RedisWorker(request.getfixturevalue("redis_url"), "one") as worker:
            yield worker.log
    else:
        yield (MemoryAnswerLog if request.param == "memory" else RemoteLog)(retention=LONG)


async def write(log: AnswerLog, answer_id: str, *events: AnswerEvent) -> None:
    await log.create(answer_id, ANN)
    for event in events:
        await log.append(answer_id, event)


async def read(log: AnswerLog, answer_id: str, after: Cursor = START) -> list[Entry]:
    return [entry async for batch in log.read(answer_id, after) for entry in batch]


class TestOwner:
    async def test_the_owner_is_known_while_there_is_a_log(self, log: AnswerLog):
        assert await log.owner("a") is None
        assert await log.create("a", ANN)
        assert await log.owner("a") == ANN

    async def test_a_log_is_created_once_for_an_id(self, log: AnswerLog):
        await write(log, "a", HELLO, DONE)
        assert not await log.create("a", BOB)
        assert await log.owner("a") == ANN
        assert len(await read(log, "a")) == 2


class TestRead:
    async def test_entries_have_cursors(self, log: AnswerLog):
        thought, said = Reasoning("음…"), PartStarted(1, Text("Hi"))
        await write(log, "a", PartStarted(0, thought), PartEnded(0, thought), said, Failure("timeout", True), DONE)
        cursors = [entry.cursor for entry in await read(log, "a")]
        assert cursors == [Cursor(0, 2), Cursor(0, WHOLE), Cursor(1, 2), FAILED, END]

    async def test_a_reader_waits_for_the_next_entry(self, log: AnswerLog):
        await write(log, "a", HEL)
        async with aclosing(log.read("a")) as batches:
            assert [entry.event for entry in await anext(batches)] == [HEL]
            following = asyncio.create_task(anext(batches))
            await asyncio.sleep(0)
            assert not following.done()
            await log.append("a", LO)
            assert [entry.event for entry in await following] == [LO]

    async def test_a_batch_has_all_entries_since_the_last_one(self, log: AnswerLog):
        await write(log, "a", HEL)
        async with aclosing(log.read("a")) as batches:
            await anext(batches)
            await write(log, "a", LO, HELLO, DONE)
            assert [entry.event for entry in await anext(batches)] == [LO, HELLO, DONE]

    async def test_a_reader_continues_after_a_cursor_and_ends_with_done(self, log: AnswerLog):
        await write(log, "a", HEL, LO, HELLO, DONE)
        entries = await read(log, "a")
        for index, entry in enumerate(entries, start=1):
            assert await read(log, "a", entry.cursor) == entries[index:]

    async def test_an_unknown_log_is_empty(self, log: AnswerLog):
        assert await read(log, "unknown") == []

    async def test_every_reader_gets_everything_at_its_own_pace(self, log: AnswerLog):
        async def read_slowly(steps: int) -> list[Entry]:
            entries: list[Entry] = []
            async for batch in log.read("a"):
                entries += batch
                for _ in range(steps):
                    await asyncio.sleep(0)
            return entries

        await log.create("a", ANN)
        readers = [asyncio.create_task(read_slowly(steps)) for steps in (0, 1, 7)]
        for number in range(50):
            await log.append("a", PartGrew(0, Text(f"{number} ")))
            if number % 3:
                await asyncio.sleep(0)
        await log.append("a", DONE)
        everything = await read(log, "a")
        assert len(everything) == 51
        assert await asyncio.gather(*readers) == [everything] * 3


class TestStop:
    async def test_the_writer_is_told_of_a_stop_request(self, log: AnswerLog):
        await write(log, "a")
        asked = asyncio.create_task(log.stop_requested("a"))
        await asyncio.sleep(0)
        assert not asked.done()
        await log.request_stop("a")
        await asked

    async def test_a_stop_request_waits_for_the_writer(self, log: AnswerLog):
        await write(log, "a")
        await log.request_stop("a")
        await asyncio.wait_for(log.stop_requested("a"), 1)

    async def test_a_stop_request_for_an_unknown_or_ended_log_has_no_effect(self, log: AnswerLog):
        await write(log, "a", DONE)
        await log.request_stop("unknown")
        await log.request_stop("a")
        assert len(await read(log, "a")) == 1
