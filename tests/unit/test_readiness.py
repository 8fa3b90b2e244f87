"""Readiness checks, and their cache."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from chat_app.infrastructure.log.memory import MemoryAnswerLog
from chat_app.infrastructure.log.slots import MemorySlots
from chat_app.services.answering.ai_service import AIService, TimeLimits
from chat_app.services.answering.answers import Answers
from chat_app.services.answering.lease_keeper import LeaseKeeper
from chat_app.services.answering.readiness import Readiness
from tests.clock import VIRTUAL_TIME, Backend
from tests.conversing import LONG
from tests.fakes import FakeStore, LosableLeases, ScriptedProvider, agents_of, allowance, ignore, make_saver

READY = {"storage": True, "log": True, "accepting": True}


@pytest.fixture(scope="module")
def anyio_backend() -> Backend:
    return VIRTUAL_TIME


@pytest.fixture
async def counted(store: FakeStore, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[None]]:
    """A list with one entry for each write to storage."""
    writes: list[None] = []
    check = store.check_writable

    async def counting() -> None:
        writes.append(None)
        await check()

    monkeypatch.setattr(store, "check_writable", counting)
    yield writes


async def test_the_server_is_ready_as_long_as_storage_can_be_written(store: FakeStore, answers: Answers):
    readiness = Readiness(store, answers, lifetime=0)
    assert await readiness.check() == READY
    store.failing = {"check_writable"}
    assert await readiness.check() == {**READY, "storage": False}
    store.failing = set()
    assert await readiness.check() == READY


async def test_the_server_is_ready_as_long_as_leases_can_be_written(store: FakeStore, provider: ScriptedProvider):
    """A full Redis can still be read."""
    ai = AIService(agents_of(provider), limits=TimeLimits(LONG), max_chars=1000)
    leases, log, saver = LosableLeases(), MemoryAnswerLog(retention=LONG), make_saver(store)
    keeper = LeaseKeeper(leases, MemorySlots())
    answers = Answers(ai, log, store, allowance(1), leases=keeper, saver=saver, grace=LONG, observe=ignore)
    readiness = Readiness(store, answers, lifetime=0)
    leases.failing = True
    assert await readiness.check() == {**READY, "log": False}
    leases.failing = False
    assert await readiness.check() == READY


async def test_many_checks_at_once_are_one_write(store: FakeStore, answers: Answers, counted: list[None]):
    readiness = Readiness(store, answers, lifetime=60)
    assert await asyncio.gather(*(readiness.check() for _ in range(100))) == [READY] * 100
    assert len(counted) == 1


async def test_waiters_for_storage_share_a_check_until_it_is_back(
    store: FakeStore, answers: Answers, counted: list[None]
):
    readiness = Readiness(store, answers, lifetime=2)
    store.failing = {"conversation"}
    waiting = [asyncio.create_task(readiness.wait_for_storage()) for _ in range(100)]
    await asyncio.sleep(60)
    assert not any(task.done() for task in waiting)
    store.failing = set()
    await asyncio.gather(*waiting)
    assert len(counted) == 1


async def test_an_outage_is_logged_once_and_so_is_its_end(
    store: FakeStore, answers: Answers, caplog: pytest.LogCaptureFixture
):
    readiness = Readiness(store, answers, lifetime=0)
    store.failing = {"check_writable"}
    for _ in range(3):
        await readiness.check()
    store.failing = set()
    for _ in range(3):
        await readiness.check()
    assert [record.levelno for record in caplog.records] == [logging.ERROR, logging.WARNING]


async def test_a_server_that_is_stopping_is_not_ready(store: FakeStore, answers: Answers):
    readiness = Readiness(store, answers)
    assert await readiness.check() == READY
    await answers.close()
    assert await readiness.check() == {**READY, "accepting": False}


async def test_a_check_that_can_not_be_cancelled_is_not_waited_for(
    store: FakeStore, answers: Answers, monkeypatch: pytest.MonkeyPatch
):
    """As a statement that waits for a locked SQLite, in a thread."""
    let_go = asyncio.Event()

    async def check_writable() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await let_go.wait()

    monkeypatch.setattr(store, "check_writable", check_writable)
    readiness = Readiness(store, answers, lifetime=0, timeout=1)
    async with asyncio.timeout(5):
        assert await readiness.check() == {**READY, "storage": False}
    let_go.set()
