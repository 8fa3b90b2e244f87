"""Questions in several processes: storage decides which of those asked at once is answered.

Each process has its own connections, services and locks.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest

from chat_app.infrastructure.log.leases import MemoryLeases
from chat_app.infrastructure.log.memory import MemoryAnswerLog
from chat_app.infrastructure.log.slots import MemorySlots
from chat_app.infrastructure.sql.store import SqlStore
from chat_app.models.conversation import Conversation
from chat_app.models.errors import Busy, Conflict
from chat_app.models.events import Done, Entry
from chat_app.models.message import Message, Outcome, Role, Status, new_id
from chat_app.services.answering.ai_service import AIService, TimeLimits
from chat_app.services.answering.answers import Answers
from chat_app.services.answering.lease_keeper import LeaseKeeper
from chat_app.services.answering.saver import AnswerSaver
from chat_app.services.asking.questions import Exchange, Questions
from chat_app.services.ports import AnswerLog, Leases
from tests.conversing import ANN, AS_ANN, AS_BOB, LONG, make_questions
from tests.fakes import ScriptedProvider, agents_of, allowance, ignore, until
from tests.messages import text_in
from tests.redis_server import RedisServer
from tests.redis_worker import RedisWorker

ROUNDS = 5


class SlowStore(SqlStore):
    """A store that answers late: messages are stored, which is known once ``gate`` is set."""

    def __init__(self, database_url: str) -> None:
        super().__init__(database_url)
        self.gate = asyncio.Event()
        self.gate.set()

    async def add_messages(self, messages: Sequence[Message], *, seen: Conversation | None = None) -> None:
        await super().add_messages(messages, seen=seen)
        await self.gate.wait()


@pytest.fixture
async def stores(database_url: str) -> AsyncIterator[list[SlowStore]]:
    """A store for each process, on one database."""
    stores = [SlowStore(database_url) for _ in range(3)]
    yield stores
    for store in stores:
        await store.close()


@dataclass(frozen=True)
class Process:
    """What a process shares with the others."""

    store: SqlStore
    log: AnswerLog
    leases: Leases


@pytest.fixture(params=["memory", "redis"])
async def sharing(request: pytest.FixtureRequest, stores: list[SlowStore]) -> AsyncIterator[list[Process]]:
    """The processes: their own connections to Redis, or the objects of one process in its place."""
    async with AsyncExitStack() as until_end:
        if request.param == "memory":
            log, leases = MemoryAnswerLog(retention=LONG), MemoryLeases()
            yield [Process(store, log, leases) for store in stores]
        else:
            url = request.getfixturevalue("redis_url")
            workers = [await until_end.enter_async_context(RedisWorker(url, str(n))) for n in range(len(stores))]
            yield [Process(store, worker.log, worker.leases) for store, worker in zip(stores, workers, strict=True)]


@pytest.fixture
async def processes(sharing: list[Process], provider: ScriptedProvider) -> AsyncIterator[list[Questions]]:
    """The questions of each process."""
    processes = [(process.store, answers_of(process, provider)) for process in sharing]
    yield [make_questions(store, answers) for store, answers in processes]
    for _, answers in processes:
        await answers.close()


def answers_of(process: Process, provider: ScriptedProvider) -> Answers:
    store = process.store
    ai = AIService(agents_of(provider), limits=TimeLimits(LONG), max_chars=1000)
    keeper, saver = LeaseKeeper(process.leases, MemorySlots()), AnswerSaver(store)
    return Answers(ai, process.log, store, allowance(100), leases=keeper, saver=saver, grace=LONG, observe=ignore)


@pytest.fixture
async def conversation(stores: list[SlowStore]) -> Conversation:
    conversation = Conversation(owner=ANN, title="Hello?")
    await stores[0].add_conversation(conversation)
    return conversation


async def test_one_of_several_questions_at_once_is_answered_and_nothing_of_the_others_is_stored(
    processes: list[Questions], stores: list[SlowStore], conversation: Conversation, provider: ScriptedProvider
):
    for number in range(1, ROUNDS + 1):
        asking = [each.ask(AS_ANN, conversation, f"From {each}?") for each in processes for _ in range(2)]
        results = await asyncio.gather(*asking, return_exceptions=True)
        assert sorted(type(result).__name__ for result in results) == [*["Busy"] * 5, "Exchange"]
        (begun,) = [result for result in results if isinstance(result, Exchange)]
        messages = await stores[0].tree(conversation.id)
        assert len(messages) == 2 * number
        assert [message.id for message in messages[-2:]] == [begun.message.id, begun.answer.id]
        provider.say("Hello.")
        provider.finish()
        await ended(stores, begun)
        assert len(provider.calls) == number


async def test_one_of_several_ways_to_ask_at_once_is_answered(
    processes: list[Questions], stores: list[SlowStore], conversation: Conversation, provider: ScriptedProvider
):
    asked = await processes[0].ask(AS_ANN, conversation, "Count.")
    provider.say("One, two,")
    provider.finish("length")
    await ended(stores, asked)
    for number in range(ROUNDS):
        asking = [
            processes[number % 3].edit(AS_ANN, conversation, asked.message.id, "Zähle."),
            processes[(number + 1) % 3].continue_answer(AS_ANN, conversation, asked.answer.id),
            processes[(number + 2) % 3].retry(AS_ANN, conversation),
        ]
        results = await asyncio.gather(*asking, return_exceptions=True)
        assert sorted(type(result).__name__ for result in results) == ["Busy", "Busy", "Exchange"]
        (begun,) = [result for result in results if isinstance(result, Exchange)]
        answers = [each for each in await stores[0].tree(conversation.id) if each.role is Role.ASSISTANT]
        assert len(answers) == 2 + number
        provider.finish()
        await ended(stores, begun)
        assert len(provider.calls) == 2 + number


async def test_an_answer_that_is_stored_and_has_no_log_yet_is_one_in_other_processes_too(
    processes: list[Questions], stores: list[SlowStore], conversation: Conversation
):
    first, second, third = processes
    stores[0].gate.clear()
    asking = asyncio.create_task(first.ask(AS_ANN, conversation, "Hello?", "an-id"))
    async with asyncio.timeout(LONG):
        while not await stores[1].tree(conversation.id):  # noqa: ASYNC110 - in a database
            await asyncio.sleep(0.01)
    with pytest.raises(Busy):
        await second.ask(AS_ANN, conversation, "Hello??")
    again = asyncio.create_task(third.ask(AS_ANN, conversation, "Hello?", "an-id"))
    await asyncio.wait([again], timeout=0.1)
    assert not again.done()  # nothing could be followed
    stores[0].gate.set()
    begun = await asking
    assert await stores[0].tree(conversation.id) == [begun.message, begun.answer]
    assert (await again).message == begun.message


async def test_one_id_that_reaches_several_processes_at_once_is_one_answer(
    processes: list[Questions], stores: list[SlowStore], conversation: Conversation, provider: ScriptedProvider
):
    for number in range(1, ROUNDS + 1):
        answer_id = new_id()
        asking = [each.ask(AS_ANN, conversation, "Hello?", answer_id) for each in processes]
        first, *others = await asyncio.gather(*asking)
        assert [(each.message.id, each.answer.id) for each in others] == [(first.message.id, answer_id)] * 2
        provider.say("Hello.")
        provider.finish()
        await ended(stores, first)
        assert len(provider.calls) == number
        assert len(await stores[0].tree(conversation.id)) == 2 * number


async def test_one_id_of_a_first_question_that_reaches_several_processes_at_once_is_one_conversation(
    processes: list[Questions], stores: list[SlowStore], provider: ScriptedProvider
):
    for number in range(1, ROUNDS + 1):
        answer_id = new_id()
        asking = [each.begin_conversation(AS_ANN, "Hello?", answer_id) for each in processes]
        first, *others = await asyncio.gather(*asking)
        assert [(each.message.id, each.answer.id) for each in others] == [(first.message.id, answer_id)] * 2
        assert len(await stores[0].conversations(ANN, None)) == number
        await until(lambda number=number: len(provider.calls) == number)
    assert len(provider.calls) == ROUNDS


async def test_an_id_of_another_question_or_caller_is_a_conflict_in_any_process(
    processes: list[Questions], stores: list[SlowStore]
):
    first, second, _ = processes
    begun = await first.begin_conversation(AS_ANN, "Hello?", new_id())
    for caller, text in ((AS_ANN, "Hello again?"), (AS_BOB, "Hello?")):
        with pytest.raises(Conflict):
            await second.begin_conversation(caller, text, begun.answer.id)
    assert [each.conversation.id for each in await stores[0].conversations(ANN, None)] == [
        begun.message.conversation_id
    ]
    assert await stores[0].conversations(AS_BOB.principal, None) == []


async def ended(stores: list[SlowStore], exchange: Exchange) -> None:
    """Wait until the end of the answer is stored."""
    async with asyncio.timeout(LONG):
        while exchange.answer.id in await stores[0].all_streaming():  # noqa: ASYNC110 - in a database
            await asyncio.sleep(0.01)


async def test_a_silent_answer_is_followed_in_another_process_after_redis_has_been_emptied(
    redis_server: RedisServer,
    redis_url: str,
    stores: list[SlowStore],
    conversation: Conversation,
    provider: ScriptedProvider,
):
    async with RedisWorker(redis_url, "one") as one, RedisWorker(redis_url, "other") as other:
        writing = answers_of(Process(stores[0], one.log, one.leases), provider)
        reading = answers_of(Process(stores[1], other.log, other.leases), provider)
        begun = await make_questions(stores[0], writing).ask(AS_ANN, conversation, "Hello?")
        await until(lambda: provider.calls)
        redis_server.empty()
        following = asyncio.create_task(_follow(reading, begun.answer.id))
        await asyncio.sleep(0.5)
        provider.say("Hello.")
        provider.finish()
        entries = await asyncio.wait_for(following, LONG)
        assert text_in(entries) == "Hello."
        assert entries[-1].event == Done(Outcome(Status.COMPLETE, "stop", model="scripted"))
        await writing.close()
        await reading.close()


async def _follow(answers: Answers, answer_id: str) -> list[Entry]:
    return [entry async for batch in answers.follow(answer_id, ANN) for entry in batch]
