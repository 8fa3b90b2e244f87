"""Questions in several processes: storage decides which of those asked at once is answered.

Each process has its own connections, services and locks. They share the log and the leases, as they do through Redis.
"""

import asyncio
from collections.abc import AsyncIterator

import pytest

from chat_app.infrastructure.log.leases import MemoryLeases
from chat_app.infrastructure.log.memory import MemoryAnswerLog
from chat_app.infrastructure.log.slots import MemorySlots
from chat_app.infrastructure.sql.store import SqlStore
from chat_app.models.conversation import Conversation
from chat_app.models.errors import Busy, Conflict
from chat_app.models.message import Role, new_id
from chat_app.models.principal import Principal
from chat_app.services.answering.ai_service import AIService, TimeLimits
from chat_app.services.answering.answers import Answers
from chat_app.services.answering.lease_keeper import LeaseKeeper
from chat_app.services.answering.saver import AnswerSaver
from chat_app.services.asking.questions import Exchange, Questions
from tests.conversing import ANN, AS_ANN, AS_BOB, LONG, make_questions
from tests.fakes import ScriptedProvider, agents_of, allowance, ignore, until

ROUNDS = 5


@pytest.fixture
async def stores(database_url: str) -> AsyncIterator[list[SqlStore]]:
    """A store for each process, on one database."""
    stores = [SqlStore(database_url) for _ in range(3)]
    yield stores
    for store in stores:
        await store.close()


class SlowLog(MemoryAnswerLog):
    """A log that can't be opened while ``gate`` is cleared."""

    def __init__(self) -> None:
        super().__init__(retention=LONG)
        self.gate = asyncio.Event()
        self.gate.set()

    async def create(self, answer_id: str, owner: Principal) -> bool:
        await self.gate.wait()
        return await super().create(answer_id, owner)


@pytest.fixture
def log() -> SlowLog:
    return SlowLog()


@pytest.fixture
async def processes(stores: list[SqlStore], provider: ScriptedProvider, log: SlowLog) -> AsyncIterator[list[Questions]]:
    """The questions of each process."""
    leases = MemoryLeases()
    processes: list[Answers] = []
    for store in stores:
        ai = AIService(agents_of(provider), limits=TimeLimits(LONG), max_chars=1000)
        keeper, saver = LeaseKeeper(leases, MemorySlots()), AnswerSaver(store)
        processes.append(
            Answers(ai, log, store, allowance(100), leases=keeper, saver=saver, grace=LONG, observe=ignore)
        )
    yield [make_questions(store, answers) for store, answers in zip(stores, processes, strict=True)]
    for answers in processes:
        await answers.close()


@pytest.fixture
async def conversation(stores: list[SqlStore]) -> Conversation:
    conversation = Conversation(owner=ANN, title="Hello?")
    await stores[0].add_conversation(conversation)
    return conversation


async def test_one_of_several_questions_at_once_is_answered_and_nothing_of_the_others_is_stored(
    processes: list[Questions], stores: list[SqlStore], conversation: Conversation, provider: ScriptedProvider
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
    processes: list[Questions], stores: list[SqlStore], conversation: Conversation, provider: ScriptedProvider
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


async def test_a_question_is_refused_while_the_log_of_an_answer_is_opened_in_another_process(
    processes: list[Questions], stores: list[SqlStore], conversation: Conversation, log: SlowLog
):
    log.gate.clear()
    asking = asyncio.create_task(processes[0].ask(AS_ANN, conversation, "Hello?"))
    async with asyncio.timeout(LONG):
        while not await stores[0].tree(conversation.id):  # noqa: ASYNC110 - in a database
            await asyncio.sleep(0.01)
    with pytest.raises(Busy):
        await processes[1].ask(AS_ANN, conversation, "Hello??")
    log.gate.set()
    assert await stores[0].tree(conversation.id) == [(begun := await asking).message, begun.answer]


async def test_one_id_that_reaches_several_processes_at_once_is_one_answer(
    processes: list[Questions], stores: list[SqlStore], conversation: Conversation, provider: ScriptedProvider
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
    processes: list[Questions], stores: list[SqlStore], provider: ScriptedProvider
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
    processes: list[Questions], stores: list[SqlStore]
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


async def ended(stores: list[SqlStore], exchange: Exchange) -> None:
    """Wait until the end of the answer is stored."""
    async with asyncio.timeout(LONG):
        while exchange.answer.id in await stores[0].all_streaming():  # noqa: ASYNC110 - in a database
            await asyncio.sleep(0.01)
