"""Questions: ask, edit, regenerate, retry, continue; one answer at a time in a branch."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

import pytest

from chat_app.models.conversation import Conversation, ListedConversation
from chat_app.models.errors import (
    Busy,
    Conflict,
    InvalidRequest,
    NotFound,
    RateLimited,
    StorageUnavailable,
    TooLong,
)
from chat_app.models.events import AnswerEvent, PartEnded, PartStarted, StepEnded
from chat_app.models.message import Message, Rating, Role, Status, new_id
from chat_app.models.parts import Reasoning, Text
from chat_app.models.principal import Principal
from chat_app.services.answering.answers import Answers
from chat_app.services.asking.questions import CONTINUE, Exchange, Questions
from chat_app.services.conversations.changes import Changes
from chat_app.services.conversations.conversations import Conversations
from chat_app.services.conversations.versions import Versions
from tests.clock import VIRTUAL_TIME, Backend
from tests.conversing import (
    ANN,
    AS_ANN,
    AS_BOB,
    BOB,
    LONG,
    MAX_RUNNING,
    Ask,
    Edit,
    Ended,
    Reply,
    add_conversation,
    asking,
    assistant,
    make_questions,
    texts,
    user,
)
from tests.fakes import FakeStore, ScriptedProvider, until
from tests.messages import assistant_message, changed, user_message

pytestmark = pytest.mark.usefixtures("nothing_left")

Answered = Callable[..., Awaitable[Message]]
Asking = Callable[[Questions, Conversation, Exchange], Awaitable[Exchange]]


@pytest.fixture(scope="module")
def anyio_backend() -> Backend:
    return VIRTUAL_TIME


class TestAsking:
    async def test_a_question_and_its_answer_are_added(self, ask: Ask, conversation: Conversation, store: FakeStore):
        question = await ask(conversation, "Hello?", "Hello.")
        assert await texts(store, conversation) == ["Hello?", "Hello."]
        assert question.message.parent_id is None
        assert question.answer.parent_id == question.message.id
        assert question.answer.status is Status.STREAMING

    async def test_the_next_question_replies_to_the_answer(
        self, ask: Ask, conversation: Conversation, store: FakeStore
    ):
        first = await ask(conversation, "Hello?", "Hello.")
        second = await ask(conversation, "And?", "Bye.")
        assert second.message.parent_id == first.answer.id
        assert await texts(store, conversation) == ["Hello?", "Hello.", "And?", "Bye."]

    async def test_a_question_may_reply_to_the_message_shown_where_that_is_not_the_latest(
        self, ask: Ask, questions: Questions, conversation: Conversation
    ):
        first = await ask(conversation, "Hello?", "Hello.")
        await ask(conversation, "And?", "Bye.")
        question = await questions.ask(AS_ANN, conversation, "Or?", after=first.answer.id)
        assert question.message.parent_id == first.answer.id

    async def test_a_branch_has_one_answer_at_a_time(
        self, questions: Questions, conversation: Conversation, store: FakeStore
    ):
        await questions.ask(AS_ANN, conversation, "Hello?")
        with pytest.raises(Busy):
            await questions.ask(AS_ANN, conversation, "Hello??")
        assert await texts(store, conversation) == ["Hello?", ""]

    async def test_one_of_two_questions_at_once_is_answered(
        self, questions: Questions, conversation: Conversation, store: FakeStore
    ):
        results = await asyncio.gather(
            questions.ask(AS_ANN, conversation, "One?"),
            questions.ask(AS_ANN, conversation, "Two?"),
            return_exceptions=True,
        )
        assert [type(result) for result in results] == [Exchange, Busy]
        assert await texts(store, conversation) == ["One?", ""]

    async def test_a_question_and_another_try_at_once_are_one_answer(
        self, ask: Ask, questions: Questions, conversation: Conversation
    ):
        await ask(conversation, "Hello?", "Hello.")
        results = await asyncio.gather(
            questions.retry(AS_ANN, conversation), questions.ask(AS_ANN, conversation, "Two?"), return_exceptions=True
        )
        assert [type(result) for result in results] == [Exchange, Busy]

    async def test_other_conversations_are_not_held_up(self, questions: Questions, provider: ScriptedProvider):
        for caller in (AS_ANN, AS_ANN, AS_BOB):
            await questions.begin_conversation(caller, "Hello?")
        await until(lambda: provider.open == 3)

    async def test_a_question_beyond_the_limit_of_answers_is_not_stored(
        self, questions: Questions, conversations: Conversations, conversation: Conversation, store: FakeStore
    ):
        for _ in range(MAX_RUNNING):
            await questions.begin_conversation(AS_BOB, "Hello?")
        with pytest.raises(Busy):
            await questions.ask(AS_ANN, conversation, "Hello?")
        with pytest.raises(Busy):
            await questions.begin_conversation(AS_ANN, "Hello?")
        assert await texts(store, conversation) == []
        assert await conversations.unpinned(ANN, 10) == [ListedConversation(conversation, is_answering=False)]

    async def test_questions_at_once_beyond_the_limit_of_answers_are_not_stored(
        self, questions: Questions, store: FakeStore
    ):
        several = [await add_conversation(store) for _ in range(MAX_RUNNING + 2)]
        asking = [questions.ask(AS_ANN, conversation, "Hello?") for conversation in several]
        results = await asyncio.gather(*asking, return_exceptions=True)
        assert [type(result) for result in results] == [*[Exchange] * MAX_RUNNING, Busy, Busy]
        assert len(store.messages) == MAX_RUNNING * 2

    async def test_first_questions_without_room_leave_no_conversation_behind(
        self, questions: Questions, conversations: Conversations, store: FakeStore
    ):
        asking = [questions.begin_conversation(AS_ANN, "Hello?") for _ in range(MAX_RUNNING + 2)]
        results = await asyncio.gather(*asking, return_exceptions=True)
        assert [type(result) for result in results] == [*[Exchange] * MAX_RUNNING, Busy, Busy]
        listed = await conversations.unpinned(ANN, 10)
        assert len(listed) == MAX_RUNNING
        assert [await texts(store, each.conversation) for each in listed] == [["Hello?", ""]] * MAX_RUNNING

    async def test_a_first_question_that_can_not_be_stored_leaves_no_conversation_behind(
        self, questions: Questions, conversations: Conversations, store: FakeStore
    ):
        store.failing = {"add_conversation"}
        with pytest.raises(StorageUnavailable, match="disk"):
            await questions.begin_conversation(AS_ANN, "Hello?")
        assert await conversations.unpinned(ANN, 10) == []
        assert store.messages == {}

    async def test_a_first_question_with_an_id_that_is_taken_leaves_no_conversation_behind(
        self, questions: Questions, conversations: Conversations
    ):
        await questions.begin_conversation(AS_ANN, "Hello?", "an-id")
        with pytest.raises(Conflict):
            await questions.begin_conversation(AS_ANN, "Hello again?", "an-id")
        (listed,) = await conversations.unpinned(ANN, 10)
        assert listed.conversation.title == "Hello?"

    async def test_a_conversation_is_titled_and_dated_as_its_first_question(
        self, questions: Questions, conversations: Conversations
    ):
        question = await questions.begin_conversation(AS_ANN, "Hello?\nAnd who are you?")
        conversation = await conversations.get(ANN, question.message.conversation_id)
        assert (conversation.title, conversation.latest_id) == ("Hello?", question.answer.id)
        assert conversation.updated_at == question.answer.created_at

    async def test_a_first_question_that_is_too_long_begins_no_conversation(
        self, answers: Answers, conversations: Conversations, store: FakeStore
    ):
        questions = make_questions(store, answers, max_chars=5)
        with pytest.raises(InvalidRequest):
            await questions.begin_conversation(AS_ANN, "Hello?")
        assert await conversations.unpinned(ANN, 10) == []
        assert await questions.begin_conversation(AS_ANN, "Hello")

    async def test_an_asker_can_find_out_that_the_question_has_arrived(self, questions: Questions):
        answer_id = new_id()
        assert await questions.conversation_of(ANN, answer_id) is None
        question = await questions.begin_conversation(AS_ANN, "Hello?", answer_id)
        assert await questions.conversation_of(ANN, answer_id) == question.message.conversation_id
        assert await questions.conversation_of(BOB, answer_id) is None

    async def test_a_conversation_that_is_deleted_takes_no_question(
        self, questions: Questions, conversations: Conversations, conversation: Conversation, provider: ScriptedProvider
    ):
        await conversations.delete(ANN, conversation.id)
        with pytest.raises(NotFound):
            await questions.ask(AS_ANN, conversation, "Hello?")
        assert provider.calls == []

    @pytest.mark.parametrize("steps", range(12))
    async def test_asking_that_is_cancelled_leaves_the_conversation_usable(
        self, questions: Questions, conversation: Conversation, provider: ScriptedProvider, steps: int
    ):
        asking = asyncio.create_task(questions.ask(AS_ANN, conversation, "Hello?"))
        for _ in range(steps):
            await asyncio.sleep(0)
        asking.cancel()
        await asyncio.wait([asking])
        if asking.cancelled():
            await questions.ask(AS_ANN, conversation, "Hello??")
        await until(lambda: provider.open)
        assert len(provider.calls) == 1
        with pytest.raises(Busy):
            await questions.ask(AS_ANN, conversation, "Hello???")

    async def test_an_answer_whose_end_could_not_be_stored_blocks_nothing_once_its_log_has_expired(
        self, questions: Questions, conversation: Conversation, store: FakeStore
    ):
        asked = user_message("Hello?", conversation_id=conversation.id)
        endless = changed(asked, id=new_id(), parent_id=asked.id, role=Role.ASSISTANT, status=Status.STREAMING)
        await store.add_messages([asked, endless])
        question = await questions.ask(AS_ANN, conversation, "And?")
        assert question.message.parent_id == endless.id


class TestIdempotency:
    async def test_the_same_id_is_the_same_question(
        self, questions: Questions, conversation: Conversation, provider: ScriptedProvider
    ):
        first = await questions.ask(AS_ANN, conversation, "Hello?", "an-id")
        assert await questions.ask(AS_ANN, conversation, "Hello?", "an-id") == first
        await until(lambda: provider.open)
        assert len(provider.calls) == 1

    async def test_the_same_id_twice_at_once_is_the_same_question(
        self, questions: Questions, conversation: Conversation, store: FakeStore
    ):
        asking = [questions.ask(AS_ANN, conversation, "Hello?", "an-id") for _ in range(3)]
        first, *others = await asyncio.gather(*asking)
        assert others == [first, first]
        assert len(store.messages) == 2

    async def test_an_ended_answer_comes_back_as_it_ended(
        self, ask: Ask, questions: Questions, conversation: Conversation, store: FakeStore
    ):
        question = await ask(conversation, "Hello?", "Hello.")
        again = await questions.ask(AS_ANN, conversation, "Hello?", question.answer.id)
        assert again.answer.text == "Hello."
        assert again.answer.status is Status.COMPLETE
        assert len(store.messages) == 2

    async def test_an_answer_in_another_conversation_is_a_conflict(
        self, questions: Questions, conversation: Conversation, store: FakeStore
    ):
        await questions.ask(AS_ANN, conversation, "Hello?", "an-id")
        for owner in (ANN, BOB):
            other = await add_conversation(store, owner=owner)
            with pytest.raises(Conflict):
                await questions.ask(AS_ANN, other, "Hello?", "an-id")
        assert len(store.messages) == 2

    @pytest.mark.parametrize("number", [0, 1])
    async def test_the_id_of_a_question_is_a_conflict(
        self, ask: Ask, questions: Questions, conversation: Conversation, number: int
    ):
        earlier = [await ask(conversation, text, "Hello.") for text in ("Hello?", "Hello again?")]
        with pytest.raises(Conflict):
            await questions.ask(AS_ANN, conversation, "Hello?", earlier[number].message.id)

    async def test_the_id_of_an_answer_outside_any_conversation_is_a_conflict(
        self, questions: Questions, conversation: Conversation, answers: Answers, store: FakeStore
    ):
        await answers.start(asking("an-id", AS_ANN, "Hello?"))
        with pytest.raises(Conflict):
            await questions.ask(AS_ANN, conversation, "Hello?", "an-id")
        assert store.messages == {}


class TestRetrying:
    async def test_the_last_question_is_answered_anew(
        self, ask: Ask, questions: Questions, conversation: Conversation, provider: ScriptedProvider, store: FakeStore
    ):
        await ask(conversation, "One?", "One.")
        failed = await ask(conversation, "Two?", RateLimited())
        question = await questions.retry(AS_ANN, conversation)
        await until(lambda: provider.open)
        assert question.message == failed.message
        assert question.answer.parent_id == failed.answer.parent_id
        assert provider.calls[-1] == [user("One?"), assistant("One."), user("Two?")]
        assert await texts(store, conversation) == ["One?", "One.", "Two?", ""]
        assert store.messages[failed.answer.id].error_code == "rate_limited"

    async def test_retrying_works_with_the_shortest_history(
        self, ask: Ask, conversation: Conversation, store: FakeStore, answers: Answers
    ):
        await ask(conversation, "One?", "One.")
        await ask(conversation, "Two?", "Two.")
        question = await make_questions(store, answers, max_history=1).retry(AS_ANN, conversation)
        assert question.message.text == "Two?"

    async def test_an_answer_being_written_is_not_tried_again(self, questions: Questions, conversation: Conversation):
        await questions.ask(AS_ANN, conversation, "Hello?")
        with pytest.raises(Busy):
            await questions.retry(AS_ANN, conversation)

    async def test_a_conversation_without_a_question_can_not_be_retried(
        self, questions: Questions, conversation: Conversation
    ):
        with pytest.raises(InvalidRequest):
            await questions.retry(AS_ANN, conversation)

    async def test_retrying_answers_a_question_without_an_answer(
        self, questions: Questions, conversation: Conversation, store: FakeStore
    ):
        lonely = user_message("Hello?", conversation_id=conversation.id)
        await store.add_messages([lonely])
        question = await questions.retry(AS_ANN, conversation)
        assert (question.message, question.answer.parent_id) == (lonely, lonely.id)


class TestEditing:
    async def test_an_edited_question_is_another_version_with_an_answer_of_its_own(
        self, ask: Ask, edit: Edit, conversation: Conversation, store: FakeStore
    ):
        await ask(conversation, "One?", "One.")
        old = await ask(conversation, "Two?", "Two.")
        new = await edit(conversation, old.message.id, "Zwei?", "Zwei.")
        assert await texts(store, conversation) == ["One?", "One.", "Zwei?", "Zwei."]
        assert new.message.parent_id == old.message.parent_id
        assert new.message.id != old.message.id
        assert store.messages[old.message.id].text == "Two?"
        assert store.messages[old.answer.id].text == "Two."

    async def test_the_model_sees_only_what_came_before_an_edited_question(
        self, ask: Ask, questions: Questions, conversation: Conversation, provider: ScriptedProvider
    ):
        await ask(conversation, "One?", "One.")
        second = await ask(conversation, "Two?", "Two.")
        await ask(conversation, "Three?", "Three.")
        await questions.edit(AS_ANN, conversation, second.message.id, "Zwei?")
        await until(lambda: provider.open)
        assert provider.calls[-1] == [user("One?"), assistant("One."), user("Zwei?")]

    async def test_an_edited_first_message_has_versions_too(
        self, ask: Ask, edit: Edit, conversation: Conversation, store: FakeStore
    ):
        first = await ask(conversation, "One?", "One.")
        question = await edit(conversation, first.message.id, "Eins?", "Eins.")
        assert question.message.parent_id is None
        assert await texts(store, conversation) == ["Eins?", "Eins."]

    async def test_an_answer_cannot_be_edited(self, ask: Ask, questions: Questions, conversation: Conversation):
        question = await ask(conversation, "Hello?", "Hello.")
        with pytest.raises(NotFound):
            await questions.edit(AS_ANN, conversation, question.answer.id, "I'm the model.")


class TestRegenerating:
    async def test_the_question_is_answered_anew_beside_the_earlier_answer(
        self, ask: Ask, reply: Reply, questions: Questions, conversation: Conversation, store: FakeStore
    ):
        first = await ask(conversation, "Hello?", "Hello.")
        second = await questions.regenerate(AS_ANN, conversation, first.answer.id)
        await reply(second, "Hi.")
        assert second.message == first.message
        assert second.answer.parent_id == first.answer.parent_id
        assert await texts(store, conversation) == ["Hello?", "Hi."]
        assert store.messages[first.answer.id].text == "Hello."
        assert len(store.messages) == 3

    async def test_an_earlier_answer_can_be_regenerated(
        self, ask: Ask, questions: Questions, conversation: Conversation, provider: ScriptedProvider, store: FakeStore
    ):
        await ask(conversation, "One?", "One.")
        second = await ask(conversation, "Two?", "Two.")
        await ask(conversation, "Three?", "Three.")
        await questions.regenerate(AS_ANN, conversation, second.answer.id)
        await until(lambda: provider.open)
        assert provider.calls[-1] == [user("One?"), assistant("One."), user("Two?")]
        assert await texts(store, conversation) == ["One?", "One.", "Two?", ""]

    async def test_a_question_can_not_be_regenerated(self, ask: Ask, questions: Questions, conversation: Conversation):
        question = await ask(conversation, "Hello?", "Hello.")
        with pytest.raises(NotFound):
            await questions.regenerate(AS_ANN, conversation, question.message.id)


class TestAgents:
    async def test_an_answer_of_an_agent_that_is_gone_is_answered_anew_by_the_default_one(
        self,
        questions: Questions,
        conversation: Conversation,
        store: FakeStore,
        provider: ScriptedProvider,
        reply: Reply,
    ):
        asked = user_message("Rain?", conversation_id=conversation.id)
        old = assistant_message(
            "No", author_id="gone", conversation_id=conversation.id, parent_id=asked.id, status=Status.STOPPED
        )
        await store.add_messages([asked, old])
        for ask in (
            lambda: questions.regenerate(AS_ANN, conversation, old.id),
            lambda: questions.continue_answer(AS_ANN, conversation, old.id),
            lambda: questions.edit(AS_ANN, conversation, asked.id, "Snow?"),
        ):
            answer = await reply(await ask(), "Yes.")
            assert (answer.status, answer.author_id) == (Status.COMPLETE, "")


class TestContinuing:
    @pytest.fixture
    def answered(self, conversation: Conversation, store: FakeStore) -> Answered:
        """Add "Count." and its answer "One, two,"; returns the answer, which ended with the given fields."""

        async def answered(**fields: Any) -> Message:
            message = user_message("Count.", conversation_id=conversation.id)
            answer = assistant_message("One, two,", conversation_id=conversation.id, parent_id=message.id)
            answer = changed(answer, **fields)
            await store.add_messages([message, answer])
            return answer

        return answered

    async def test_a_continued_answer_is_a_version_that_goes_on_where_the_answer_ended(
        self, answered: Answered, reply: Reply, questions: Questions, conversation: Conversation, store: FakeStore
    ):
        stopped = await answered(status=Status.STOPPED)
        question = await questions.continue_answer(AS_ANN, conversation, stopped.id)
        answer = await reply(question, " three.")
        assert (answer.text, answer.status) == ("One, two, three.", Status.COMPLETE)
        assert await texts(store, conversation) == ["Count.", "One, two, three."]
        assert answer.parent_id == stopped.parent_id

    async def test_the_model_is_shown_the_answer_to_continue_and_told_to_go_on(
        self, answered: Answered, questions: Questions, conversation: Conversation, provider: ScriptedProvider
    ):
        stopped = await answered(status=Status.STOPPED)
        await questions.continue_answer(AS_ANN, conversation, stopped.id)
        await until(lambda: provider.open)
        assert provider.calls == [[user("Count."), assistant("One, two,"), user(CONTINUE)]]

    async def test_an_answer_that_is_continued_stays_as_it_is(
        self, answered: Answered, questions: Questions, conversation: Conversation, store: FakeStore
    ):
        stopped = await answered(status=Status.STOPPED)
        await questions.continue_answer(AS_ANN, conversation, stopped.id)
        assert store.messages[stopped.id] == stopped

    async def test_a_reader_of_a_continued_answer_gets_the_text_before_too(
        self, answered: Answered, questions: Questions, conversation: Conversation, answers: Answers
    ):
        stopped = await answered(status=Status.STOPPED, reasoning="Count on.")
        question = await questions.continue_answer(AS_ANN, conversation, stopped.id)
        events: list[AnswerEvent] = []
        async with aclosing(answers.follow(question.answer.id, ANN)) as batches:
            while len(events) < 3:
                events += [entry.event for entry in await anext(batches)]
        thought = Reasoning("Count on.")
        assert events == [PartStarted(0, thought), PartEnded(0, thought), PartStarted(1, Text("One, two,"))]

    async def test_a_continued_answer_adds_up_time_and_has_all_reasoning(
        self,
        answered: Answered,
        ended: Ended,
        questions: Questions,
        conversation: Conversation,
        provider: ScriptedProvider,
    ):
        stopped = await answered(status=Status.STOPPED, reasoning="Two.", duration=1000.0, rating=Rating.UP)
        question = await questions.continue_answer(AS_ANN, conversation, stopped.id)
        provider.say(Reasoning("Three."), " three.")
        provider.finish()
        answer = await ended(question)
        thoughts, text = (Reasoning("Two."), Reasoning("Three.")), "One, two,"
        assert answer.parts == (thoughts[0], Text(text), thoughts[1], Text(" three.", continues=True))
        assert answer.outcome and answer.outcome.duration
        assert 1000 <= answer.outcome.duration < 1000 + LONG
        assert answer.rating is Rating.NONE

    async def test_a_continued_answer_stopped_before_a_word_more_keeps_the_text_before(
        self, answered: Answered, ended: Ended, questions: Questions, conversation: Conversation, answers: Answers
    ):
        stopped = await answered(status=Status.STOPPED, reasoning="Two.")
        question = await questions.continue_answer(AS_ANN, conversation, stopped.id)
        await answers.stop(question.answer.id, ANN)
        answer = await ended(question)
        assert (answer.parts, answer.status) == ((Reasoning("Two."), Text("One, two,")), Status.STOPPED)

    @pytest.mark.parametrize(
        "fields",
        [
            {"finish": "length"},
            {"status": Status.STOPPED},
            {"status": Status.INTERRUPTED, "error_code": "interrupted"},
            {"status": Status.FAILED, "error_code": "timeout"},
            {"status": Status.FAILED, "error_code": "truncated"},
        ],
        ids=str,
    )
    async def test_an_answer_that_ended_early_can_be_continued(
        self, answered: Answered, questions: Questions, conversation: Conversation, fields: dict[str, Any]
    ):
        answer = await answered(**fields)
        assert (await questions.continue_answer(AS_ANN, conversation, answer.id)).answer.text == answer.text

    @pytest.mark.parametrize(
        "fields",
        [
            {"finish": "stop"},
            {"finish": "content_filter"},
            {"status": Status.FAILED, "error_code": "blocked"},
            {"status": Status.STOPPED, "text": ""},
            {"status": Status.INTERRUPTED, "text": "", "reasoning": "Hm."},
        ],
        ids=str,
    )
    async def test_any_other_answer_can_not_be_continued(
        self, answered: Answered, questions: Questions, conversation: Conversation, fields: dict[str, Any]
    ):
        answer = await answered(**fields)
        with pytest.raises(InvalidRequest):
            await questions.continue_answer(AS_ANN, conversation, answer.id)

    async def test_an_answer_longer_than_the_model_may_see_can_not_be_continued(
        self, answered: Answered, conversation: Conversation, answers: Answers, store: FakeStore
    ):
        answer = await answered(status=Status.STOPPED)
        questions = make_questions(store, answers, max_history_chars=len(answer.text) - 1)
        with pytest.raises(TooLong):
            await questions.continue_answer(AS_ANN, conversation, answer.id)

    async def test_a_question_can_not_be_continued(self, ask: Ask, questions: Questions, conversation: Conversation):
        question = await ask(conversation, "Hello?", "Hello.")
        with pytest.raises(NotFound):
            await questions.continue_answer(AS_ANN, conversation, question.message.id)


AT_A_MESSAGE: dict[str, Asking] = {
    "edit": lambda questions, conversation, asked: questions.edit(AS_ANN, conversation, asked.message.id, "Hi?"),
    "regenerate": lambda questions, conversation, asked: questions.regenerate(AS_ANN, conversation, asked.answer.id),
    "continue": lambda questions, conversation, asked: questions.continue_answer(AS_ANN, conversation, asked.answer.id),
}
AT_THE_END: dict[str, Asking] = {
    "ask": lambda questions, conversation, _: questions.ask(AS_ANN, conversation, "And?"),
    "retry": lambda questions, conversation, _: questions.retry(AS_ANN, conversation),
}
EVERYWHERE = AT_A_MESSAGE | AT_THE_END


class TestEveryWayToAsk:
    @pytest.fixture
    async def asked(
        self, questions: Questions, conversation: Conversation, ended: Ended, provider: ScriptedProvider
    ) -> Exchange:
        """A question whose answer can be continued."""
        question = await questions.ask(AS_ANN, conversation, "Count.")
        provider.say("One, two,", StepEnded("length"))
        await ended(question)
        return question

    @pytest.fixture
    async def lists(
        self, conversations: Conversations, changes: Changes
    ) -> AsyncIterator[AsyncIterator[list[ListedConversation]]]:
        """Ann's conversations as listed now, and after each change notification."""

        async def lists() -> AsyncGenerator[list[ListedConversation], None]:
            async with aclosing(changes.watch(ANN)) as heard:
                async for _ in heard:
                    yield await conversations.unpinned(ANN, 10)

        async with aclosing(lists()) as listing:
            yield listing

    @pytest.mark.parametrize("again", EVERYWHERE.values(), ids=EVERYWHERE)
    async def test_every_way_to_ask_is_refused_while_an_answer_is_being_written(
        self, questions: Questions, conversation: Conversation, asked: Exchange, again: Asking, store: FakeStore
    ):
        await questions.ask(AS_ANN, conversation, "And?")
        with pytest.raises(Busy):
            await again(questions, conversation, asked)
        assert len(store.messages) == 4

    @pytest.mark.parametrize("again", EVERYWHERE.values(), ids=EVERYWHERE)
    async def test_one_of_two_requests_at_once_is_answered_every_way(
        self, questions: Questions, conversation: Conversation, asked: Exchange, again: Asking
    ):
        asking = [again(questions, conversation, asked), questions.ask(AS_ANN, conversation, "And?")]
        results = await asyncio.gather(*asking, return_exceptions=True)
        assert [type(result) for result in results] == [Exchange, Busy]

    @pytest.mark.parametrize("again", EVERYWHERE.values(), ids=EVERYWHERE)
    async def test_every_way_to_ask_stores_nothing_when_there_are_too_many_answers(
        self, questions: Questions, conversation: Conversation, asked: Exchange, again: Asking, store: FakeStore
    ):
        for _ in range(MAX_RUNNING):
            await questions.begin_conversation(AS_BOB, "Hello?")
        before = dict(store.messages)
        with pytest.raises(Busy):
            await again(questions, conversation, asked)
        assert store.messages == before
        assert await texts(store, conversation) == ["Count.", "One, two,"]

    @pytest.mark.parametrize("again", EVERYWHERE.values(), ids=EVERYWHERE)
    async def test_every_way_to_ask_refuses_a_question_that_is_too_long(
        self, conversation: Conversation, asked: Exchange, again: Asking, answers: Answers, store: FakeStore
    ):
        before = dict(store.messages)
        with pytest.raises(InvalidRequest):
            await again(make_questions(store, answers, max_chars=2), conversation, asked)
        assert store.messages == before

    @pytest.mark.parametrize("again", EVERYWHERE.values(), ids=EVERYWHERE)
    async def test_every_way_to_ask_finds_no_deleted_conversation(
        self, questions: Questions, conversation: Conversation, asked: Exchange, again: Asking, store: FakeStore
    ):
        await store.delete_conversation(ANN, conversation.id)
        with pytest.raises(NotFound):
            await again(questions, conversation, asked)
        assert len(store.messages) == 2

    @pytest.mark.parametrize("again", EVERYWHERE.values(), ids=EVERYWHERE)
    async def test_every_way_to_ask_notifies_of_the_answers_begin_and_end(
        self,
        questions: Questions,
        asked: Exchange,
        again: Asking,
        reply: Reply,
        lists: AsyncIterator[list[ListedConversation]],
    ):
        async with asyncio.timeout(LONG):
            (before,) = await anext(lists)
            question = await again(questions, before.conversation, asked)
            assert [listed.is_answering for listed in await anext(lists)] == [True]
            await reply(question, " three.")
            assert [listed.is_answering for listed in await anext(lists)] == [False]

    @pytest.mark.parametrize("again", AT_A_MESSAGE.values(), ids=AT_A_MESSAGE)
    @pytest.mark.parametrize("owner", [ANN, BOB])
    async def test_every_way_to_ask_finds_no_message_of_another_conversation(
        self, questions: Questions, asked: Exchange, again: Asking, store: FakeStore, owner: Principal
    ):
        other = Conversation(owner=owner, title="Hello?")
        await store.add_conversation(other)
        with pytest.raises(NotFound):
            await again(questions, other, asked)
        assert len(store.messages) == 2

    @pytest.mark.parametrize("again", EVERYWHERE.values(), ids=EVERYWHERE)
    async def test_every_way_to_ask_works_while_another_branch_is_being_answered(
        self, questions: Questions, conversation: Conversation, asked: Exchange, again: Asking, store: FakeStore
    ):
        other = await questions.edit(AS_ANN, conversation, asked.message.id, "Zähle.")
        await Versions(store).switch_branch(conversation, asked.message.id)
        question = await again(questions, conversation, asked)
        assert sorted(await store.streaming(ANN)) == sorted([other.answer.id, question.answer.id])


class TestAnOutageOfStorage:
    async def test_a_question_below_an_answer_that_could_not_be_stored_is_refused_until_it_can(
        self,
        questions: Questions,
        conversation: Conversation,
        provider: ScriptedProvider,
        store: FakeStore,
        reply: Reply,
    ):
        first = await questions.ask(AS_ANN, conversation, "One?")
        store.failing = {"finish", "save_progress"}
        await reply(first, "One.")
        with pytest.raises(StorageUnavailable):
            await questions.ask(AS_ANN, conversation, "Two?")
        store.failing = set()
        second = await questions.ask(AS_ANN, conversation, "Two?")
        await reply(second, "Two.")
        assert store.messages[first.answer.id].text == "One."
        assert provider.calls[-1] == [user("One?"), assistant("One."), user("Two?")]
