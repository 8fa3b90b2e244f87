"""Leases on answers: their one writer, and recovery of those whose writer has crashed."""

import asyncio
import logging

import pytest

from chat_app.infrastructure.log.leases import MemoryLeases
from chat_app.models.answer_record import EndedAnswer
from chat_app.models.content import Content
from chat_app.models.conversation import Conversation
from chat_app.models.message import Outcome, Status
from chat_app.models.parts import Text
from chat_app.services.answering.recovery import interrupt_abandoned
from tests.conversing import ANN
from tests.fakes import FakeStore, OpenLeases, make_saver, until
from tests.messages import assistant_message, events


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


async def test_a_lease_is_held_until_the_end_of_its_answer_is_stored(store: FakeStore):
    leases = MemoryLeases()
    await leases.acquire("a")
    saver = make_saver(store, leases)
    store.failing = {"finish"}
    assert not await saver.finish(EndedAnswer("a", (Text("Hello."),), Outcome(Status.COMPLETE)))
    assert await leases.held(["a"]) == {"a"}
    store.failing = set()
    await saver.wait_stored("a")
    await until(lambda: not leases.acquired)
    await saver.close()


async def test_an_answer_whose_lease_is_lost_is_interrupted_and_not_written_any_more(
    store: FakeStore, caplog: pytest.LogCaptureFixture
):
    leases, ended_as = OpenLeases(), asyncio.Queue[Status]()
    saver = make_saver(store, leases)
    with saver.saving("a", (content := Content()), end=ended_as.put_nowait):
        events(Text("Hel"), begun=content)
        await until(lambda: store.saved == ["Hel"])
        leases.lost = {"a"}
        events(Text("lo"), begun=content)
        assert await asyncio.wait_for(ended_as.get(), 5) is Status.INTERRUPTED
    assert not await saver.finish(EndedAnswer("a", content.parts, Outcome(Status.INTERRUPTED)))
    assert (store.messages["a"].text, store.messages["a"].status) == ("Hel", Status.STREAMING)
    await saver.close()
    assert {record.levelno for record in caplog.records} == {logging.ERROR}
