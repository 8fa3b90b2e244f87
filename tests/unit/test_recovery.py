"""Leases on answers: their one writer, and recovery of those whose writer has crashed."""

import asyncio
import logging
from contextlib import aclosing
from functools import partial

import pytest

from chat_app.infrastructure.log.leases import MemoryLeases
from chat_app.infrastructure.log.memory import MemoryAnswerLog
from chat_app.infrastructure.log.slots import MemorySlots
from chat_app.models.answer_record import EndedAnswer, Progress
from chat_app.models.conversation import Conversation
from chat_app.models.errors import StorageUnavailable
from chat_app.models.events import Done, Entry, Failure, PartEnded
from chat_app.models.message import Outcome, Status
from chat_app.models.parts import Part, Reasoning, Text
from chat_app.services.answering.ai_service import AIService, TimeLimits
from chat_app.services.answering.answers import Answers
from chat_app.services.answering.lease_keeper import LeaseKeeper
from chat_app.services.answering.recovery import Recovery, interrupt_abandoned
from chat_app.services.answering.replay import replay
from chat_app.services.conversations.changes import Changes
from tests.conversing import ANN, AS_ANN, LONG, asking
from tests.fakes import FakeStore, LosableLeases, ScriptedProvider, agents_of, allowance, ignore, make_saver, until
from tests.messages import assistant_message, events, text_in


@pytest.fixture
async def store() -> FakeStore:
    """Three answers that stream."""
    store = FakeStore()
    conversation = Conversation(owner=ANN, title="Greetings")
    await store.add_conversation(conversation)
    await store.add_messages(
        [assistant_message(id=each, conversation_id=conversation.id, status=Status.STREAMING) for each in "abc"]
    )
    return store


async def test_a_lease_has_one_holder_until_it_is_released():
    leases = MemoryLeases()
    assert await leases.acquire("a")
    assert not await leases.acquire("a")
    assert await leases.held(["a", "b"]) == await leases.renew(["a", "b"]) == {"a"}
    await leases.release("a")
    await leases.release("b")
    assert await leases.held(["a"]) == set()
    assert await leases.acquire("a")


async def test_recovery_interrupts_only_answers_whose_lease_has_run_out(store: FakeStore):
    leases = MemoryLeases()
    await leases.acquire("b")
    assert await interrupt_abandoned(store, leases) == 2
    assert {id_: message.status for id_, message in store.messages.items()} == {
        "a": Status.INTERRUPTED,
        "b": Status.STREAMING,
        "c": Status.INTERRUPTED,
    }
    assert await interrupt_abandoned(store, leases) == 0


class TestKeeping:
    async def test_a_lease_is_acquired_once(self):
        keeper = LeaseKeeper(LosableLeases(), MemorySlots())
        assert await keeper.acquire("a")
        assert not await keeper.acquire("a")
        await keeper.release("a")
        assert keeper.count == 0
        assert await keeper.acquire("a")
        await keeper.release("a")

    async def test_an_answer_whose_lease_is_lost_is_ended_and_the_others_are_not(
        self, caplog: pytest.LogCaptureFixture
    ):
        leases, ended = LosableLeases(), asyncio.Queue[str]()
        keeper = LeaseKeeper(leases, MemorySlots(), interval=0.001)
        for answer_id in "ab":
            assert await keeper.acquire(answer_id)
            keeper.on_loss(answer_id, partial(ended.put_nowait, answer_id))
        leases.lost = {"a"}
        assert await asyncio.wait_for(ended.get(), 5) == "a"
        assert keeper.count == 1
        assert {record.levelno for record in caplog.records} == {logging.ERROR}
        await keeper.release("b")
        assert ended.empty()

    async def test_leases_that_can_not_be_renewed_for_a_while_are_kept(self):
        leases, ended = LosableLeases(), asyncio.Queue[str]()
        keeper = LeaseKeeper(leases, MemorySlots(), interval=0.001)
        await keeper.acquire("a")
        keeper.on_loss("a", partial(ended.put_nowait, "a"))
        leases.failing = True
        await asyncio.sleep(0.02)
        leases.failing = False
        assert ended.empty()
        assert keeper.count == 1
        await keeper.release("a")


async def test_an_unexpected_error_does_not_end_the_renewal_of_leases(caplog: pytest.LogCaptureFixture):
    leases, ended = LosableLeases(), asyncio.Queue[str]()
    leases.bug = ValueError("a bug")
    keeper = LeaseKeeper(leases, MemorySlots(), interval=0.001)
    await keeper.acquire("a")
    keeper.on_loss("a", partial(ended.put_nowait, "a"))
    await until(lambda: caplog.records)
    leases.bug = None
    leases.lost = {"a"}
    assert await asyncio.wait_for(ended.get(), 5) == "a"
    await keeper.close()


async def test_a_lease_is_held_until_the_end_of_its_answer_is_stored(store: FakeStore):
    leases, provider = MemoryLeases(), ScriptedProvider()
    ai = AIService(agents_of(provider), limits=TimeLimits(LONG), max_chars=1000)
    log, keeper = MemoryAnswerLog(retention=LONG), LeaseKeeper(leases, MemorySlots())
    answers = Answers(ai, log, store, allowance(1), leases=keeper, saver=make_saver(store), grace=LONG, observe=ignore)
    conversation_id = store.messages["a"].conversation_id
    answer = assistant_message(id="d", conversation_id=conversation_id, status=Status.STREAMING)
    store.failing = {"finish"}
    await answers.start(asking("d", AS_ANN, "Hello?"), stored=[answer])
    provider.say("Hello.")
    provider.finish()
    *_, last = [entry.event async for batch in answers.follow("d", ANN) for entry in batch]
    assert isinstance(last, Done)
    assert not last.stored
    assert await leases.held(["d"]) == {"d"}
    store.failing = set()
    await answers.wait_stored("d")
    await until(lambda: not leases.acquired)
    await answers.close()


async def test_a_lease_is_held_until_the_end_of_its_answer_is_logged(store: FakeStore):
    leases, provider = MemoryLeases(), ScriptedProvider()
    ai = AIService(agents_of(provider), limits=TimeLimits(LONG), max_chars=1000)
    log, keeper = SlowLog(retention=LONG), LeaseKeeper(leases, MemorySlots())
    answers = Answers(ai, log, store, allowance(1), leases=keeper, saver=make_saver(store), grace=LONG, observe=ignore)
    await answers.start(asking("d", AS_ANN, "Hello?"))
    provider.say("Hello.")
    provider.finish()
    await until(lambda: not answers.running)
    await asyncio.sleep(0.01)
    assert await leases.held(["d"]) == {"d"}
    log.is_kept.set()
    await until(lambda: not leases.acquired)
    await answers.close()


async def test_an_answer_whose_lease_can_not_be_acquired_leaves_no_log(store: FakeStore):
    leases, provider = LosableLeases(), ScriptedProvider()
    ai = AIService(agents_of(provider), limits=TimeLimits(LONG), max_chars=1000)
    log, keeper = MemoryAnswerLog(retention=LONG), LeaseKeeper(leases, MemorySlots())
    answers = Answers(ai, log, store, allowance(1), leases=keeper, saver=make_saver(store), grace=LONG, observe=ignore)
    leases.failing = True
    with pytest.raises(StorageUnavailable):
        await answers.start(asking("d", AS_ANN, "Hello?"))
    assert await log.unended() == []
    leases.failing = False
    await answers.start(asking("d", AS_ANN, "Hello?"))
    assert await log.unended() == ["d"]
    await answers.close()


class TestRecovery:
    @pytest.fixture
    def leases(self) -> MemoryLeases:
        return MemoryLeases()

    @pytest.fixture
    def log(self) -> MemoryAnswerLog:
        return MemoryAnswerLog(retention=LONG)

    @pytest.fixture
    def recovery(self, store: FakeStore, log: MemoryAnswerLog, leases: MemoryLeases) -> Recovery:
        return Recovery(store, log, leases, Changes(), storage_interval=0)

    async def write(self, log: MemoryAnswerLog, answer_id: str, *pieces: Part) -> None:
        await log.create(answer_id, ANN)
        for event in events(*pieces):
            await log.append(answer_id, event)

    async def test_readers_and_storage_get_the_text_that_the_log_has_and_the_interrupted_end(
        self, store: FakeStore, log: MemoryAnswerLog, recovery: Recovery
    ):
        await self.write(log, "a", Reasoning("Hm"), Text("Hel"), Text("lo"))
        following = asyncio.create_task(read(log, "a"))
        await recovery.check()
        await recovery.check()
        entries = await asyncio.wait_for(following, 5)
        assert text_in(entries) == store.messages["a"].text == "Hello"
        assert [type(entry.event) for entry in entries[-3:]] == [PartEnded, Failure, Done]
        assert store.messages["a"].status is Status.INTERRUPTED
        assert replay(store.messages["a"])[-1] == entries[-1]

    async def test_an_answer_with_a_lease_goes_on(
        self, store: FakeStore, log: MemoryAnswerLog, leases: MemoryLeases, recovery: Recovery
    ):
        for answer_id in "abc":
            await leases.acquire(answer_id)
        await self.write(log, "a", Text("Hel"))
        for _ in range(3):
            await recovery.check()
        assert store.messages["a"].status is Status.STREAMING
        assert await log.unended() == ["a"]

    async def test_an_answer_whose_lease_is_missing_for_a_moment_goes_on(
        self, store: FakeStore, leases: MemoryLeases, recovery: Recovery
    ):
        await recovery.check()
        for answer_id in "abc":
            await leases.acquire(answer_id)
        await recovery.check()
        assert {message.status for message in store.messages.values()} == {Status.STREAMING}

    async def test_an_answer_that_can_not_be_ended_does_not_keep_the_others(
        self, store: FakeStore, log: MemoryAnswerLog, recovery: Recovery, caplog: pytest.LogCaptureFixture
    ):
        store.refused = {"a", "b"}
        for _ in range(2):
            await recovery.check()
        assert {id_ for id_, message in store.messages.items() if message.status is Status.STREAMING} == {"a", "b"}
        assert [record.levelno for record in caplog.records].count(logging.ERROR) == 2

    async def test_the_longer_text_stays_if_storage_has_more_than_the_log(
        self, store: FakeStore, log: MemoryAnswerLog, recovery: Recovery
    ):
        await self.write(log, "a", Text("Hel"))
        await store.save_progress([Progress("a", 0, (Text("Hello."),))])
        await recovery.check()
        await recovery.check()
        assert text_in(await read(log, "a")) == store.messages["a"].text == "Hello."

    async def test_an_end_that_readers_have_is_stored_if_its_writer_could_not_store_it(
        self, store: FakeStore, log: MemoryAnswerLog, recovery: Recovery
    ):
        await self.write(log, "a", Text("Hello."))
        outcome = Outcome(Status.COMPLETE, finish="stop", model="test-model")
        await log.append("a", Done(outcome, stored=False))
        before = await read(log, "a")
        await recovery.check()
        await recovery.check()
        assert (store.messages["a"].text, store.messages["a"].outcome) == ("Hello.", outcome)
        assert await read(log, "a") == before

    async def test_an_answer_that_its_writer_has_stored_ends_as_it_is_stored(
        self, store: FakeStore, log: MemoryAnswerLog, recovery: Recovery
    ):
        await self.write(log, "a", Text("Hel"))
        await store.finish([EndedAnswer("a", (Text("Hello."),), Outcome(Status.COMPLETE, "stop"))])
        await recovery.check()
        await recovery.check()
        entries = await read(log, "a")
        assert (text_in(entries), entries[-1].event) == ("Hello.", Done(Outcome(Status.COMPLETE, "stop")))

    async def test_an_answer_outside_any_conversation_ends_for_its_readers(
        self, log: MemoryAnswerLog, recovery: Recovery
    ):
        await self.write(log, "z", Text("Hel"))
        await recovery.check()
        await recovery.check()
        entries = await read(log, "z")
        assert text_in(entries) == "Hel"
        assert isinstance(entries[-1].event, Done)
        assert await log.unended() == []

    async def test_an_answer_that_can_not_be_ended_keeps_no_other_from_its_end(
        self, store: FakeStore, leases: MemoryLeases, caplog: pytest.LogCaptureFixture
    ):
        log = UnreadableLog("a", "c")
        recovery = Recovery(store, log, leases, Changes(), storage_interval=0)
        for answer_id in "abc":
            await self.write(log, answer_id, Text("Hel"))
        await recovery.check()
        await recovery.check()
        assert store.messages["b"].status is Status.INTERRUPTED
        assert store.messages["a"].status is store.messages["c"].status is Status.STREAMING
        assert {record.levelno for record in caplog.records} == {logging.ERROR, logging.WARNING}
        assert not leases.acquired

    async def test_a_missing_lease_says_nothing_while_leases_can_not_be_written(
        self, store: FakeStore, log: MemoryAnswerLog
    ):
        leases = LosableLeases()
        recovery = Recovery(store, log, leases, Changes(), storage_interval=0)
        leases.failing = True
        with pytest.raises(StorageUnavailable):
            await recovery.check()
        leases.failing = False
        await recovery.check()
        assert {message.status for message in store.messages.values()} == {Status.STREAMING}
        await recovery.check()
        assert {message.status for message in store.messages.values()} == {Status.INTERRUPTED}

    async def test_the_owners_lists_are_updated(self, store: FakeStore, log: MemoryAnswerLog, leases: MemoryLeases):
        changes = Changes()
        recovery = Recovery(store, log, leases, changes, storage_interval=0)
        await self.write(log, "a", Text("Hel"))
        async with aclosing(changes.watch(ANN)) as changed:
            await anext(changed)
            await recovery.check()
            await recovery.check()
            await asyncio.wait_for(anext(changed), 5)


class SlowLog(MemoryAnswerLog):
    """A log that may lose what it has got until ``is_kept`` is set."""

    def __init__(self, *, retention: float) -> None:
        super().__init__(retention=retention)
        self.is_kept = asyncio.Event()

    async def wait_kept(self, answer_id: str) -> None:
        await self.is_kept.wait()


class UnreadableLog(MemoryAnswerLog):
    """A log with answers that can't be read."""

    def __init__(self, *unreadable: str) -> None:
        super().__init__(retention=LONG)
        self._unreadable = unreadable

    async def entries(self, answer_id: str) -> list[Entry]:
        if answer_id in self._unreadable:
            raise ValueError(answer_id)
        return await super().entries(answer_id)


async def read(log: MemoryAnswerLog, answer_id: str) -> list[Entry]:
    return [entry async for batch in log.read(answer_id) for entry in batch]
