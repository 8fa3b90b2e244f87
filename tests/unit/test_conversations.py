"""Asking in a conversation: one answer at a time, with the history that fits."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from chat_app.infrastructure.memory_log import MemoryAnswerLog
from chat_app.models.conversation import Conversation, Listed
from chat_app.models.errors import Busy, Conflict, InvalidRequest, NotFound, RateLimited
from chat_app.models.message import Role, Status, Turn
from chat_app.services.ai_service import AIService
from chat_app.services.answers import Answers
from chat_app.services.changes import Changes
from chat_app.services.conversations import Conversations
from chat_app.services.history import History
from chat_app.services.questions import Question
from chat_app.services.titles import TITLE_CHARS, title_from
from tests.fakes import FakeStore, RemoteLog, ScriptedProvider, until

pytestmark = pytest.mark.usefixtures("nothing_left")

ANN, BOB = "ann", "bob"
LONG = 60.0
MAX_RUNNING = 3

TURNS: list[tuple[str, str | Exception]] = [(f"{number}?", f"{number}.") for number in range(4)]

Ask = Callable[[Conversations, Conversation, str, str | Exception], Awaitable[Question]]
Seen = Callable[[Conversations, list[tuple[str, str | Exception]]], Awaitable[list[str]]]


@pytest.fixture(params=[MemoryAnswerLog, RemoteLog])
async def answers(
    request: pytest.FixtureRequest, provider: ScriptedProvider, store: FakeStore
) -> AsyncIterator[Answers]:
    ai = AIService(provider, timeout=LONG, max_chars=1000)
    answers = Answers(ai, request.param(retention=LONG), store, max_running=MAX_RUNNING, grace=LONG)
    yield answers
    await answers.close()


def make_conversations(
    store: FakeStore, answers: Answers, *, max_history: int = 100, max_history_chars: int = 1000
) -> Conversations:
    history = History(store, max_messages=max_history, max_chars=max_history_chars)
    return Conversations(store, answers, history, Changes(), titles=None)


@pytest.fixture
def conversations(store: FakeStore, answers: Answers) -> Conversations:
    return make_conversations(store, answers)


@pytest.fixture
async def conversation(conversations: Conversations) -> Conversation:
    return await conversations.create(ANN, "Hello?")


@pytest.fixture
def ask(provider: ScriptedProvider, answers: Answers) -> Ask:
    """Asks, and waits for the answer."""

    async def ask(conversations: Conversations, conversation: Conversation, text: str, answer: str | Exception):
        question = await conversations.ask(conversation, text)
        if isinstance(answer, str):
            provider.say(answer)
            provider.finish()
        else:
            provider.fail(answer)
        async for _ in answers.follow(question.answer.id, conversation.owner):
            pass
        return question

    return ask


async def texts(conversations: Conversations, conversation: Conversation, limit: int = 100) -> list[str]:
    current = await conversations.get(conversation.owner, conversation.id)
    return [message.text for message in await conversations.messages(current, limit)]


def user(text: str) -> Turn:
    return Turn(Role.USER, text)


def assistant(text: str) -> Turn:
    return Turn(Role.ASSISTANT, text)


class TestAsking:
    async def test_a_question_and_its_answer_are_added(
        self, ask: Ask, conversations: Conversations, conversation: Conversation, provider: ScriptedProvider
    ):
        question = await ask(conversations, conversation, "Hello?", "Hello.")
        assert await texts(conversations, conversation) == ["Hello?", "Hello."]
        assert question.message.parent_id is None
        assert question.answer.parent_id == question.message.id
        assert question.answer.status is Status.STREAMING

    async def test_the_next_question_replies_to_the_answer(
        self, ask: Ask, conversations: Conversations, conversation: Conversation, provider: ScriptedProvider
    ):
        first = await ask(conversations, conversation, "Hello?", "Hello.")
        second = await ask(conversations, conversation, "And?", "Bye.")
        assert second.message.parent_id == first.answer.id
        assert await texts(conversations, conversation) == ["Hello?", "Hello.", "And?", "Bye."]

    async def test_only_one_answer_at_a_time(self, conversations: Conversations, conversation: Conversation):
        await conversations.ask(conversation, "Hello?")
        with pytest.raises(Busy):
            await conversations.ask(conversation, "Hello??")
        assert await texts(conversations, conversation) == ["Hello?", ""]

    async def test_of_two_questions_at_once_one_is_answered(
        self, conversations: Conversations, conversation: Conversation
    ):
        results = await asyncio.gather(
            conversations.ask(conversation, "One?"), conversations.ask(conversation, "Two?"), return_exceptions=True
        )
        assert [type(result) for result in results] == [Question, Busy]
        assert await texts(conversations, conversation) == ["One?", ""]

    async def test_a_question_and_another_try_at_once_are_one_answer(
        self, ask: Ask, conversations: Conversations, conversation: Conversation, provider: ScriptedProvider
    ):
        await ask(conversations, conversation, "Hello?", "Hello.")
        results = await asyncio.gather(
            conversations.retry(conversation), conversations.ask(conversation, "Two?"), return_exceptions=True
        )
        assert [type(result) for result in results] == [Question, Busy]

    async def test_other_conversations_are_not_held_up(self, conversations: Conversations, provider: ScriptedProvider):
        for owner in (ANN, ANN, BOB):
            await conversations.ask(await conversations.create(owner, "Hello?"), "Hello?")
        await until(lambda: provider.open == 3)

    async def test_too_many_answers_store_nothing(
        self, conversations: Conversations, conversation: Conversation, store: FakeStore
    ):
        others = [await conversations.create(BOB, "Hello?") for _ in range(MAX_RUNNING)]
        for other in others:
            await conversations.ask(other, "Hello?")
        with pytest.raises(Busy):
            await conversations.ask(conversation, "Hello?")
        with pytest.raises(Busy):
            await conversations.create(ANN, "Hello?")
        assert await texts(conversations, conversation) == []

    async def test_more_than_there_is_room_for_at_once_store_nothing(
        self, conversations: Conversations, store: FakeStore
    ):
        several = [await conversations.create(ANN, "Hello?") for _ in range(MAX_RUNNING + 2)]
        asking = [conversations.ask(conversation, "Hello?") for conversation in several]
        results = await asyncio.gather(*asking, return_exceptions=True)
        assert [type(result) for result in results] == [*[Question] * MAX_RUNNING, Busy, Busy]
        assert len(store.messages) == MAX_RUNNING * 2

    async def test_a_conversation_that_is_deleted_takes_no_question(
        self, conversations: Conversations, conversation: Conversation, provider: ScriptedProvider
    ):
        await conversations.delete(ANN, conversation.id)
        with pytest.raises(NotFound):
            await conversations.ask(conversation, "Hello?")
        assert provider.calls == []

    @pytest.mark.parametrize("steps", range(12))
    async def test_asking_that_is_cancelled_leaves_the_conversation_usable(
        self, conversations: Conversations, conversation: Conversation, provider: ScriptedProvider, steps: int
    ):
        asking = asyncio.create_task(conversations.ask(conversation, "Hello?"))
        for _ in range(steps):
            await asyncio.sleep(0)
        asking.cancel()
        await asyncio.wait([asking])
        if asking.cancelled():
            await conversations.ask(conversation, "Hello??")
        await until(lambda: provider.open)
        assert len(provider.calls) == 1
        with pytest.raises(Busy):
            await conversations.ask(conversation, "Hello???")

    async def test_an_answer_whose_end_could_not_be_stored_blocks_nothing(
        self,
        ask: Ask,
        conversations: Conversations,
        conversation: Conversation,
        provider: ScriptedProvider,
        store: FakeStore,
    ):
        store.failing = {"finish"}
        question = await ask(conversations, conversation, "Hello?", "Hello.")
        store.failing = set()
        assert store.messages[question.answer.id].status is Status.STREAMING
        # Another process, or this one once the log has expired.
        ai = AIService(provider, timeout=LONG, max_chars=1000)
        later = Answers(ai, MemoryAnswerLog(retention=LONG), store, max_running=MAX_RUNNING, grace=LONG)
        await make_conversations(store, later).ask(conversation, "And?")
        await later.close()


class TestAskingAgain:
    async def test_the_same_id_is_the_same_question(
        self, conversations: Conversations, conversation: Conversation, provider: ScriptedProvider
    ):
        first = await conversations.ask(conversation, "Hello?", "an-id")
        assert await conversations.ask(conversation, "Hello?", "an-id") == first
        await until(lambda: provider.open)
        assert len(provider.calls) == 1

    async def test_the_same_id_twice_at_once_is_the_same_question(
        self, conversations: Conversations, conversation: Conversation, store: FakeStore
    ):
        asking = [conversations.ask(conversation, "Hello?", "an-id") for _ in range(3)]
        first, *others = await asyncio.gather(*asking)
        assert others == [first, first]
        assert len(store.messages) == 2

    async def test_an_ended_answer_comes_back_as_it_ended(
        self,
        ask: Ask,
        conversations: Conversations,
        conversation: Conversation,
        provider: ScriptedProvider,
        store: FakeStore,
    ):
        question = await ask(conversations, conversation, "Hello?", "Hello.")
        again = await conversations.ask(conversation, "Hello?", question.answer.id)
        assert again.answer.text == "Hello."
        assert again.answer.status is Status.COMPLETE
        assert len(store.messages) == 2

    async def test_an_answer_in_another_conversation_is_a_conflict(
        self, conversations: Conversations, conversation: Conversation, store: FakeStore
    ):
        await conversations.ask(conversation, "Hello?", "an-id")
        for owner in (ANN, BOB):
            other = await conversations.create(owner, "Hello?")
            with pytest.raises(Conflict):
                await conversations.ask(other, "Hello?", "an-id")
        assert len(store.messages) == 2

    @pytest.mark.parametrize("number", [0, 1])
    async def test_the_id_of_a_question_is_a_conflict(
        self,
        ask: Ask,
        conversations: Conversations,
        conversation: Conversation,
        provider: ScriptedProvider,
        number: int,
    ):
        questions = [await ask(conversations, conversation, text, "Hello.") for text in ("Hello?", "Hello again?")]
        with pytest.raises(Conflict):
            await conversations.ask(conversation, "Hello?", questions[number].message.id)

    async def test_the_id_of_an_answer_outside_any_conversation_is_a_conflict(
        self, conversations: Conversations, conversation: Conversation, answers: Answers, store: FakeStore
    ):
        await answers.start("an-id", ANN, "Hello?")
        with pytest.raises(Conflict):
            await conversations.ask(conversation, "Hello?", "an-id")
        assert store.messages == {}


class TestRetrying:
    async def test_the_last_question_is_answered_anew(
        self,
        ask: Ask,
        conversations: Conversations,
        conversation: Conversation,
        provider: ScriptedProvider,
        store: FakeStore,
    ):
        await ask(conversations, conversation, "One?", "One.")
        failed = await ask(conversations, conversation, "Two?", RateLimited())
        question = await conversations.retry(conversation)
        await until(lambda: provider.open)
        assert question.message == failed.message
        assert question.answer.parent_id == failed.answer.parent_id
        assert provider.calls[-1] == [user("One?"), assistant("One."), user("Two?")]
        assert await texts(conversations, conversation) == ["One?", "One.", "Two?", ""]
        assert store.messages[failed.answer.id].error_code == "rate_limited"

    async def test_it_works_with_the_shortest_history(
        self, ask: Ask, store: FakeStore, answers: Answers, provider: ScriptedProvider
    ):
        conversations = make_conversations(store, answers, max_history=1)
        conversation = await conversations.create(ANN, "One?")
        await ask(conversations, conversation, "One?", "One.")
        await ask(conversations, conversation, "Two?", "Two.")
        assert (await conversations.retry(conversation)).message.text == "Two?"

    async def test_an_answer_being_written_is_not_tried_again(
        self, conversations: Conversations, conversation: Conversation
    ):
        await conversations.ask(conversation, "Hello?")
        with pytest.raises(Busy):
            await conversations.retry(conversation)

    async def test_without_a_question_there_is_nothing_to_try(
        self, ask: Ask, conversations: Conversations, conversation: Conversation
    ):
        with pytest.raises(InvalidRequest):
            await conversations.retry(conversation)


class TestHistory:
    @pytest.fixture
    def seen(self, ask: Ask, provider: ScriptedProvider) -> Seen:
        """Has a conversation of these questions and answers; returns what the model sees with the question after."""

        async def seen(conversations: Conversations, turns: list[tuple[str, str | Exception]]):
            conversation = await conversations.create(ANN, "Hello?")
            for question, answer in turns:
                await ask(conversations, conversation, question, answer)
            await conversations.ask(conversation, "Last?")
            await until(lambda: provider.open)
            return [turn.text for turn in provider.calls[-1]]

        return seen

    async def test_the_model_sees_all_that_fits(self, conversations: Conversations, seen: Seen):
        assert await seen(conversations, TURNS) == ["0?", "0.", "1?", "1.", "2?", "2.", "3?", "3.", "Last?"]

    @pytest.mark.parametrize("max_history", [4, 5])
    async def test_only_so_many_messages_beginning_with_a_question(
        self, store: FakeStore, answers: Answers, seen: Seen, max_history: int
    ):
        conversations = make_conversations(store, answers, max_history=max_history)
        assert await seen(conversations, TURNS) == ["2?", "2.", "3?", "3.", "Last?"]

    @pytest.mark.parametrize("max_history_chars", [8, 10, 11])
    async def test_only_so_many_characters_beginning_with_a_question(
        self, store: FakeStore, answers: Answers, seen: Seen, max_history_chars: int
    ):
        conversations = make_conversations(store, answers, max_history_chars=max_history_chars)
        assert await seen(conversations, TURNS) == ["2?", "2.", "3?", "3.", "Last?"]

    async def test_a_message_too_long_hides_what_came_before(self, store: FakeStore, answers: Answers, seen: Seen):
        conversations = make_conversations(store, answers, max_history_chars=10)
        assert await seen(conversations, [("0?", "0."), ("1?", "1" * 20), ("2?", "2.")]) == ["2?", "2.", "Last?"]

    async def test_an_answer_without_a_word_is_no_turn(self, conversations: Conversations, seen: Seen):
        assert await seen(conversations, [("0?", "0."), ("1?", RateLimited())]) == ["0?", "0.", "1?\n\nLast?"]


class TestOwner:
    async def test_nobody_sees_or_deletes_what_is_not_theirs(
        self, conversations: Conversations, conversation: Conversation
    ):
        with pytest.raises(NotFound):
            await conversations.get(BOB, conversation.id)
        with pytest.raises(NotFound):
            await conversations.delete(BOB, conversation.id)
        assert await conversations.latest(BOB, 10) == []
        assert await conversations.latest(ANN, 10) == [Listed(conversation, is_answering=False)]

    async def test_the_latest_is_the_one_last_used(
        self, ask: Ask, conversations: Conversations, conversation: Conversation, provider: ScriptedProvider
    ):
        later = await conversations.create(ANN, "Later")
        assert [found.conversation.id for found in await conversations.latest(ANN, 10)] == [later.id, conversation.id]
        await ask(conversations, conversation, "Hello?", "Hello.")
        assert [found.conversation.id for found in await conversations.latest(ANN, 1)] == [conversation.id]

    async def test_messages_are_the_newest(
        self, ask: Ask, conversations: Conversations, conversation: Conversation, provider: ScriptedProvider
    ):
        await ask(conversations, conversation, "One?", "One.")
        await ask(conversations, conversation, "Two?", "Two.")
        assert await texts(conversations, conversation, 3) == ["One.", "Two?", "Two."]


class TestDeleting:
    async def test_what_is_being_answered_stops(
        self, conversations: Conversations, conversation: Conversation, provider: ScriptedProvider, store: FakeStore
    ):
        await conversations.ask(conversation, "Hello?")
        await until(lambda: provider.open)
        await conversations.delete(ANN, conversation.id)
        await until(lambda: not provider.open)
        with pytest.raises(NotFound):
            await conversations.get(ANN, conversation.id)

    async def test_a_question_at_the_same_time_goes_with_it(
        self, conversations: Conversations, conversation: Conversation, provider: ScriptedProvider, store: FakeStore
    ):
        await asyncio.gather(conversations.ask(conversation, "Hello?"), conversations.delete(ANN, conversation.id))
        await until(lambda: not provider.open)
        with pytest.raises(NotFound):
            await conversations.get(ANN, conversation.id)

    async def test_a_question_a_moment_later_finds_nothing(
        self, conversations: Conversations, conversation: Conversation, store: FakeStore
    ):
        results = await asyncio.gather(
            conversations.delete(ANN, conversation.id),
            conversations.ask(conversation, "Hello?"),
            return_exceptions=True,
        )
        assert [type(result) for result in results] == [type(None), NotFound]
        assert store.messages == {}

    async def test_deleting_twice_finds_nothing(self, conversations: Conversations, conversation: Conversation):
        await conversations.delete(ANN, conversation.id)
        with pytest.raises(NotFound):
            await conversations.delete(ANN, conversation.id)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Hello?", "Hello?"),
        ("  \n Hello?\nIt's me.", "Hello?"),
        ("Hello\t  there", "Hello there"),
        ("word " * 20, " ".join(["word"] * 12) + "…"),
        ("x" * TITLE_CHARS, "x" * TITLE_CHARS),
        ("x" * 100, "x" * (TITLE_CHARS - 1) + "…"),
        ("안녕하세요" * 20, ("안녕하세요" * 20)[: TITLE_CHARS - 1] + "…"),
        ("", ""),
    ],
)
async def test_a_title_is_the_first_line_cut_at_a_word(text: str, title: str):
    assert title_from(text) == title
