"""Write-behind of answers: progress, ends, and retries during outages of storage."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from chat_app.models.answer_record import EndedAnswer
from chat_app.models.content import Content
from chat_app.models.conversation import Conversation
from chat_app.models.errors import StorageUnavailable
from chat_app.models.message import Outcome, Status
from chat_app.models.parts import Reasoning, Text
from chat_app.services.answering.saver import AnswerSaver
from tests.clock import VIRTUAL_TIME, Backend
from tests.conversing import ANN
from tests.fakes import FakeStore, make_saver, until
from tests.messages import assistant_message, events

pytestmark = pytest.mark.usefixtures("nothing_left")

IDS = ("a", "b", "c")
LONG = 60.0


@pytest.fixture(scope="module")
def anyio_backend() -> Backend:
    return VIRTUAL_TIME


@pytest.fixture
async def store() -> FakeStore:
    store = FakeStore()
    conversation = Conversation(owner=ANN, title="Greetings")
    await store.add_conversation(conversation)
    await store.add_messages(
        [assistant_message(id=id_, conversation_id=conversation.id, status=Status.STREAMING) for id_ in IDS]
    )
    return store


@pytest.fixture
async def saver(store: FakeStore) -> AsyncIterator[AnswerSaver]:
    saver = make_saver(store)
    yield saver
    store.failing, store.refused = set(), set()
    await saver.close()


def ended(answer_id: str) -> EndedAnswer:
    return EndedAnswer(answer_id, (Text(f"All of {answer_id}."),), Outcome(Status.COMPLETE, "stop"))


def unexpected(status: Status) -> None:
    raise AssertionError(f"the answer ended as {status}")


class TestProgress:
    async def test_all_streaming_answers_are_saved_in_one_transaction(self, saver: AnswerSaver, store: FakeStore):
        with (
            saver.saving("a", (one := Content()), end=unexpected),
            saver.saving("b", (other := Content()), end=unexpected),
        ):
            events(Text("Hel"), begun=one)
            events(Text("Goo"), begun=other)
            await until(lambda: store.saved)
        assert store.saved == ["Hel", "Goo"]

    async def test_parts_that_do_not_grow_any_more_are_saved_once(self, saver: AnswerSaver, store: FakeStore):
        with saver.saving("a", (content := Content()), end=unexpected):
            events(Reasoning("Hm."), Text("Hel"), begun=content)
            await until(lambda: store.saved)
            store.progress.clear()
            events(Text("lo."), begun=content)
            await until(lambda: store.progress)
        assert [(each.first, each.parts) for each in store.progress] == [(1, (Text("Hello."),))]
        assert store.messages["a"].parts == (Reasoning("Hm."), Text("Hello."))

    async def test_saving_takes_a_small_share_of_the_time_however_slow_storage_is(self, store: FakeStore):
        saver, content = make_saver(store, interval=0.001), Content()
        with saver.saving("a", content, end=unexpected):
            events(Text("1"), begun=content)
            store.gate.clear()
            await asyncio.sleep(0.3)
            events(Text("2"), begun=content)
            store.gate.set()
            await asyncio.sleep(0.05)
            assert store.saved == ["1"]
        await saver.close()

    async def test_an_answer_whose_conversation_is_deleted_is_stopped(self, saver: AnswerSaver):
        ended_as: asyncio.Queue[Status] = asyncio.Queue()
        with saver.saving("unknown", (content := Content()), end=ended_as.put_nowait):
            events(Text("Hel"), begun=content)
            assert await asyncio.wait_for(ended_as.get(), 5) is Status.STOPPED

    async def test_saving_goes_on_after_an_outage(self, saver: AnswerSaver, store: FakeStore):
        store.failing = {"save_progress"}
        with saver.saving("a", (content := Content()), end=unexpected):
            events(Text("Hel"), begun=content)
            await until(lambda: store.attempts["save_progress"] > 2)
            store.failing = set()
            await until(lambda: store.messages["a"].text == "Hel")


class TestEnd:
    async def test_an_answers_end_is_stored_at_once(self, store: FakeStore):
        saver = make_saver(store, interval=LONG)
        async with asyncio.timeout(5):
            assert await saver.finish(ended("a"))
        assert store.messages["a"].text == "All of a."
        assert saver.unsaved("a") is None

    async def test_an_answers_end_is_not_lost_however_long_an_outage_takes(self, saver: AnswerSaver, store: FakeStore):
        store.failing = {"finish"}
        assert not await saver.finish(ended("a"))
        assert saver.unsaved("a") == ended("a")
        await until(lambda: store.attempts["finish"] > 20)
        store.failing = set()
        await until(lambda: store.messages["a"].status is Status.COMPLETE)
        assert store.messages["a"].text == "All of a."
        assert saver.unsaved("a") is None

    async def test_waiting_for_an_answers_end_returns_once_it_is_stored(self, saver: AnswerSaver, store: FakeStore):
        await saver.wait_stored("unknown")
        store.failing = {"finish"}
        assert not await saver.finish(ended("a"))
        waiting = asyncio.create_task(saver.wait_stored("a"))
        await asyncio.sleep(0)
        assert not waiting.done()
        store.failing = set()
        async with asyncio.timeout(5):
            await waiting
        assert store.messages["a"].status is Status.COMPLETE

    async def test_an_end_after_another_process_has_ended_the_answer_is_not_stored(
        self, saver: AnswerSaver, store: FakeStore, caplog: pytest.LogCaptureFixture
    ):
        await store.interrupt(["a"])
        interrupted = store.messages["a"]
        assert await asyncio.gather(saver.finish(ended("a")), saver.finish(ended("b"))) == [False, True]
        assert (store.messages["a"], saver.unsaved("a")) == (interrupted, None)
        assert [record.levelno for record in caplog.records] == [logging.ERROR]

    async def test_attempts_get_rarer_during_an_outage(self, store: FakeStore):
        store.failing = {"finish"}
        saver = AnswerSaver(store, max_wait=0.01, backoff=(0.001, 0.001, LONG))
        assert not await saver.finish(ended("a"))
        await until(lambda: store.attempts["finish"] == 3)
        await asyncio.sleep(0.05)
        assert not await saver.finish(ended("b"))
        assert store.attempts["finish"] == 3
        store.failing = set()
        await saver.close()
        assert store.messages["b"].status is Status.COMPLETE

    async def test_an_outage_is_logged_once_and_so_is_its_end(
        self, saver: AnswerSaver, store: FakeStore, caplog: pytest.LogCaptureFixture
    ):
        store.failing = {"finish", "save_progress"}
        await asyncio.gather(*(saver.finish(ended(id_)) for id_ in IDS))
        await until(lambda: store.attempts["finish"] > 5)
        store.failing = set()
        await until(lambda: store.messages["c"].status is Status.COMPLETE)
        await until(lambda: len(caplog.records) > 1)
        assert [record.levelno for record in caplog.records] == [logging.ERROR, logging.WARNING]
        assert "again" in caplog.text

    async def test_an_end_that_storage_refuses_does_not_hold_up_the_others(self, saver: AnswerSaver, store: FakeStore):
        store.refused = {"a"}
        await asyncio.gather(*(saver.finish(ended(id_)) for id_ in IDS))
        await until(lambda: all(store.messages[id_].status is Status.COMPLETE for id_ in ("b", "c")))
        assert store.messages["a"].status is not Status.COMPLETE

    async def test_an_end_that_storage_goes_on_refusing_is_given_up_with_the_text_saved_before(
        self, saver: AnswerSaver, store: FakeStore
    ):
        store.refused = {"a"}
        with saver.saving("a", (content := Content()), end=unexpected):
            events(Text("Hel"), begun=content)
            await until(lambda: store.saved)
        assert not await saver.finish(ended("a"))
        await saver.wait_stored("a")
        given_up = store.messages["a"]
        assert (given_up.status, given_up.text, saver.unsaved("a")) == (Status.INTERRUPTED, "Hel", None)

    async def test_storage_that_does_not_answer_is_not_waited_for(self, store: FakeStore):
        hanging = asyncio.Event()

        class Hanging(FakeStore):
            async def finish(self, answers):
                await hanging.wait()
                return await store.finish(answers)

        saver = AnswerSaver(Hanging(), max_wait=0.01, backoff=(0.01,), timeout=0.05)
        assert not await saver.finish(ended("a"))
        hanging.set()
        await until(lambda: store.messages["a"].status is Status.COMPLETE)
        await saver.close()


class TestFlush:
    async def test_flushing_a_stored_answer_does_nothing(self, saver: AnswerSaver):
        assert await saver.finish(ended("a"))
        await saver.flush("a")
        await saver.flush("unknown")

    async def test_flushing_stores_an_end_without_waiting_for_the_next_attempt(self, store: FakeStore):
        store.failing = {"finish"}
        saver = AnswerSaver(store, max_wait=0.05, backoff=(LONG,))
        assert not await saver.finish(ended("a"))
        store.failing = set()
        await saver.flush("a")
        assert store.messages["a"].status is Status.COMPLETE

    async def test_flushing_fails_while_storage_fails(self, saver: AnswerSaver, store: FakeStore):
        store.failing = {"finish"}
        assert not await saver.finish(ended("a"))
        with pytest.raises(StorageUnavailable):
            await saver.flush("a")


class TestClose:
    async def test_closing_stores_what_is_not_stored_yet(self, store: FakeStore):
        store.failing = {"finish"}
        saver = AnswerSaver(store, max_wait=0.2, backoff=(LONG,))
        finishing = asyncio.create_task(saver.finish(ended("a")))
        await until(lambda: store.attempts["finish"])
        store.failing = set()
        await saver.close()
        assert await finishing

    async def test_closing_ends_although_storage_fails_and_logs_what_that_costs(
        self, store: FakeStore, caplog: pytest.LogCaptureFixture
    ):
        store.failing = {"finish"}
        saver = make_saver(store)
        assert not await saver.finish(ended("a"))
        async with asyncio.timeout(5):
            await saver.close()
        assert "1 answers" in caplog.records[-1].getMessage()
