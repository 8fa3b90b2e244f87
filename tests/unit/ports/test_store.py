"""Contract of ``ports.Store``: conversations, messages and streaming answers."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from chat_app.models.answer_record import EndedAnswer, Progress
from chat_app.models.conversation import (
    DEFAULT_SETTINGS,
    Conversation,
    ConversationSettings,
    ListCursor,
    ListedConversation,
)
from chat_app.models.errors import Busy, Conflict, NotFound
from chat_app.models.message import Message, Outcome, Rating, Role, Status, Usage, new_id, now
from chat_app.models.parts import Data, Reasoning, Text, ToolCall, ToolResult, Unknown
from chat_app.models.principal import Principal, PrincipalKind
from chat_app.services.ports import Store
from tests.conversing import ANN, BOB
from tests.messages import assistant_message, changed, user_message

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)


async def begin(
    store: Store,
    owner: Principal = ANN,
    updated_at: datetime = NOON,
    settings: ConversationSettings = DEFAULT_SETTINGS,
) -> Conversation:
    conversation = Conversation(owner=owner, title="Greetings", updated_at=updated_at, settings=settings)
    await store.add_conversation(conversation)
    return conversation


def question(conversation: Conversation, parent: Message | None = None, text: str = "Hello?") -> Message:
    parent_id = parent.id if parent else None
    return user_message(text, conversation_id=conversation.id, parent_id=parent_id)


def answer(parent: Message, status: Status = Status.STREAMING, text: str = "") -> Message:
    return assistant_message(text, conversation_id=parent.conversation_id, parent_id=parent.id, status=status)


async def ask(store: Store, conversation: Conversation) -> Message:
    """Add a question and its streaming answer; returns the answer."""
    asked = question(conversation)
    streaming = answer(asked)
    await store.add_messages([asked, streaming])
    return streaming


async def stored(store: Store, message: Message) -> Message:
    """The message as ``ann`` finds it."""
    found = await store.message(ANN, message.id)
    assert found
    return found


async def finish(store: Store, message: Message, text: str = "Hello.") -> None:
    await store.finish([EndedAnswer(message.id, (Text(text),), Outcome(Status.COMPLETE, "stop"))])


async def listed(store: Store, limit: int | None = None, before: ListCursor | None = None) -> list[Conversation]:
    """Ann's conversations that aren't pinned."""
    return [each.conversation for each in await store.conversations(ANN, limit, before)]


class TestConversations:
    @pytest.mark.parametrize("kind", PrincipalKind)
    async def test_a_conversation_of_any_kind_of_owner_is_found(self, store: Store, kind: PrincipalKind):
        conversation = Conversation(owner=Principal("shop", kind), title="Greetings")
        await store.add_conversation(conversation)
        assert await store.conversation(conversation.owner, conversation.id) == conversation

    async def test_a_conversation_is_found_as_it_was_added(self, store: Store):
        created_at = datetime(2025, 6, 1, 12, 30, 0, 123456, tzinfo=UTC)
        conversation = Conversation(owner=ANN, title="안녕하세요 👋🏽", created_at=created_at, updated_at=NOON)
        await store.add_conversation(conversation)
        assert await store.conversation(ANN, conversation.id) == conversation

    async def test_stored_times_come_back_in_utc(self, store: Store):
        in_seoul = NOON.astimezone(timezone(timedelta(hours=9)))
        conversation = await begin(store, updated_at=in_seoul)
        found = await store.conversation(ANN, conversation.id)
        assert found
        assert (found.updated_at, found.updated_at.tzinfo) == (NOON, UTC)

    async def test_a_conversation_of_someone_else_is_not_found(self, store: Store):
        conversation = await begin(store, BOB)
        assert await store.conversation(ANN, conversation.id) is None
        assert await listed(store, 10) == []

    async def test_the_list_has_the_most_recently_updated_first(self, store: Store):
        first, third, second = [await begin(store, updated_at=NOON - timedelta(days=days)) for days in (0, 2, 1)]
        assert await listed(store, 10) == [first, second, third]
        assert await listed(store, 2) == [first, second]

    async def test_the_list_goes_on_after_a_cursor(self, store: Store):
        first, second, third = [await begin(store, updated_at=NOON - timedelta(microseconds=age)) for age in range(3)]
        assert await listed(store, 10, before=first.list_cursor) == [second, third]
        assert await listed(store, 1, before=second.list_cursor) == [third]

    async def test_conversations_of_one_moment_keep_one_order(self, store: Store):
        together = [await begin(store) for _ in range(10)]
        assert await listed(store, 10) == sorted(together, key=lambda one: one.id, reverse=True)

    async def test_pages_of_conversations_of_one_moment_miss_none_and_repeat_none(self, store: Store):
        for _ in range(10):
            await begin(store)
        page = pages = await listed(store, 3)
        while page := await listed(store, 3, before=page[-1].list_cursor):
            pages = pages + page
        assert pages == await listed(store)
        assert len(pages) == 10

    async def test_pinned_conversations_are_listed_apart(self, store: Store):
        first, second = await begin(store), await begin(store, updated_at=NOON - timedelta(days=1))
        assert await store.pin(ANN, second.id, True)
        pinned = replace(second, is_pinned=True)
        assert await store.conversations(ANN, None, pinned=True) == [ListedConversation(pinned, is_answering=False)]
        assert await listed(store) == [first]
        assert await store.pin(ANN, second.id, False)
        assert await store.conversations(ANN, None, pinned=True) == []
        assert await listed(store) == [first, second]

    async def test_settings_are_kept_until_they_are_changed(self, store: Store):
        chosen = ConversationSettings(instructions="시처럼.", temperature=0.0, max_tokens=9, web_search=True)
        conversation = await begin(store, settings=chosen)
        assert await store.conversation(ANN, conversation.id) == conversation
        assert (await listed(store))[0].settings == chosen
        assert await store.change_settings(ANN, conversation.id, ConversationSettings(top_p=0.5))
        changed = await store.conversation(ANN, conversation.id)
        assert changed == replace(conversation, settings=ConversationSettings(top_p=0.5))
        assert await store.change_settings(ANN, conversation.id, DEFAULT_SETTINGS)
        assert await store.conversation(ANN, conversation.id) == replace(conversation, settings=DEFAULT_SETTINGS)

    async def test_the_list_shows_where_an_answer_is_being_written(self, store: Store):
        first, _, third = [await begin(store, updated_at=NOON + timedelta(days=days)) for days in (0, 1, 2)]
        answers = [await ask(store, conversation) for conversation in (first, third)]
        await finish(store, answers[0])
        await store.pin(ANN, third.id, True)
        (pinned,) = await store.conversations(ANN, None, pinned=True)
        assert pinned.is_answering
        assert [each.is_answering for each in await store.conversations(ANN, None)] == [False, False]

    async def test_a_title_that_was_chosen_is_not_replaced_by_a_suggestion(self, store: Store):
        conversation = await begin(store)
        assert await store.rename(ANN, conversation.id, "Mine")
        assert not await store.suggest_title(ANN, conversation.id, "The model's")
        assert await listed(store) == [replace(conversation, title="Mine", is_titled=True)]

    async def test_a_suggestion_is_taken_once_and_replaced_by_the_owners_title(self, store: Store):
        conversation = await begin(store)
        assert await store.suggest_title(ANN, conversation.id, "The model's")
        assert not await store.suggest_title(ANN, conversation.id, "Another")
        assert await listed(store) == [replace(conversation, title="The model's", is_titled=True)]
        assert await store.rename(ANN, conversation.id, "Mine")
        assert await listed(store) == [replace(conversation, title="Mine", is_titled=True)]

    async def test_only_an_own_conversation_is_changed(self, store: Store):
        mine, others = await begin(store), await begin(store, BOB)
        for conversation_id in (others.id, "unknown"):
            assert not await store.rename(ANN, conversation_id, "Mine")
            assert not await store.suggest_title(ANN, conversation_id, "Mine")
            assert not await store.pin(ANN, conversation_id, True)
            assert not await store.change_settings(ANN, conversation_id, ConversationSettings(temperature=1.0))
        await store.rename(ANN, mine.id, "Mine")
        assert await store.conversation(BOB, others.id) == others

    async def test_switching_the_branch_does_not_move_the_conversation(self, store: Store):
        conversation, other = await begin(store), await begin(store)
        await store.switch_branch(conversation.id, "a message")
        assert await store.conversation(ANN, conversation.id) == replace(conversation, latest_id="a message")
        assert await store.conversation(ANN, other.id) == other

    async def test_a_conversation_can_be_added_with_its_messages(self, store: Store):
        asked = question(Conversation(owner=ANN, title="Greetings"))
        conversation = Conversation(id=asked.conversation_id, owner=ANN, title="Greetings", is_titled=True)
        streaming = answer(asked)
        await store.add_conversation(replace(conversation, latest_id=streaming.id), [asked, streaming])
        assert await store.branch(streaming.id, 10) == [asked, streaming]

    async def test_a_conversation_with_a_taken_id_is_a_conflict_and_nothing_is_added(self, store: Store):
        taken = await ask(store, await begin(store, BOB))
        conversation = Conversation(owner=ANN, title="Greetings")
        first = question(conversation)
        for added, message_id in ((replace(conversation, id=taken.conversation_id), "m"), (conversation, taken.id)):
            with pytest.raises(Conflict):
                await store.add_conversation(added, [first, replace(answer(first), id=message_id)])
        assert await listed(store) == []
        assert await store.branch(first.id, 10) == []

    async def test_a_new_message_moves_its_conversation_to_the_top(self, store: Store):
        older, newer = await begin(store, updated_at=NOON - timedelta(days=1)), await begin(store)
        latest = await ask(store, older)
        updated = replace(older, latest_id=latest.id, updated_at=latest.created_at)
        assert await listed(store, 10) == [updated, newer]

    async def test_a_deleted_conversation_is_gone_with_its_messages(self, store: Store):
        conversation, other = await begin(store), await begin(store)
        message, kept = await ask(store, conversation), await ask(store, other)
        await store.pin(ANN, conversation.id, True)
        assert await store.delete_conversation(ANN, conversation.id)
        assert await store.conversation(ANN, conversation.id) is None
        assert await store.message(ANN, message.id) is None
        assert await store.streaming(ANN) == [kept.id]
        assert await store.streaming(ANN, conversation.id) == []
        assert [match.conversation.id for match in await store.search(ANN, conversation.title, 10)] == [other.id]
        assert await store.conversations(ANN, None, pinned=True) == []
        assert [each.id for each in await listed(store)] == [other.id]

    async def test_a_deleted_conversation_is_not_changed(self, store: Store):
        conversation = await begin(store)
        message = await ask(store, conversation)
        before = await store.conversation(ANN, conversation.id)
        await store.delete_conversation(ANN, conversation.id)
        assert not await store.delete_conversation(ANN, conversation.id)
        assert not await store.rename(ANN, conversation.id, "Mine")
        assert not await store.suggest_title(ANN, conversation.id, "The model's")
        assert not await store.pin(ANN, conversation.id, True)
        assert not await store.rate(ANN, message.id, Rating.UP, "")
        await store.restore_conversation(ANN, conversation.id)
        assert await store.conversation(ANN, conversation.id) == before
        assert await stored(store, message) == message

    async def test_several_conversations_can_be_deleted_at_once(self, store: Store):
        messages = [await ask(store, await begin(store)) for _ in range(5)]
        await asyncio.gather(*(store.delete_conversation(ANN, message.conversation_id) for message in messages))
        assert await listed(store) == []

    async def test_a_deleted_conversation_can_be_restored_as_it_was(self, store: Store):
        message = await ask(store, await begin(store))
        before = await store.conversation(ANN, message.conversation_id)
        await store.delete_conversation(ANN, message.conversation_id)
        assert await store.restore_conversation(ANN, message.conversation_id)
        assert await store.conversation(ANN, message.conversation_id) == before
        assert await store.message(ANN, message.id) == message

    async def test_only_an_own_deleted_conversation_can_be_restored(self, store: Store):
        conversation = await begin(store)
        assert not await store.restore_conversation(ANN, conversation.id)
        await store.delete_conversation(ANN, conversation.id)
        assert not await store.restore_conversation(BOB, conversation.id)
        assert await store.restore_conversation(ANN, conversation.id)

    async def test_conversations_deleted_before_a_moment_are_purged_for_good(self, store: Store):
        first, second, kept = [await ask(store, await begin(store)) for _ in range(3)]
        await store.delete_conversation(ANN, first.conversation_id)
        moment = now()
        await store.delete_conversation(ANN, second.conversation_id)
        assert await store.purge(moment) == 1
        assert await store.branch(first.id, 10) == []
        assert not await store.restore_conversation(ANN, first.conversation_id)
        assert await store.restore_conversation(ANN, second.conversation_id)
        assert len(await store.branch(kept.id, 10)) == 2

    async def test_all_conversations_of_one_owner_are_deleted_for_good(self, store: Store):
        mine, deleted, other = await begin(store), await begin(store), await begin(store, BOB)
        messages = [await ask(store, conversation) for conversation in (mine, deleted, other)]
        await store.delete_conversation(ANN, deleted.id)
        await store.delete_all(ANN)
        assert await listed(store) == []
        assert not await store.restore_conversation(ANN, deleted.id)
        assert [len(await store.branch(message.id, 10)) for message in messages] == [0, 0, 2]

    async def test_a_very_long_conversation_can_be_purged(self, store: Store):
        conversation = await begin(store)
        messages = [question(conversation)]
        for _ in range(1500):
            messages.append(question(conversation, messages[-1]))
        await store.add_messages(messages)
        assert len(await store.branch(messages[-1].id, 2000)) == 1501
        assert await store.delete_conversation(ANN, conversation.id)
        await store.purge(now())
        assert await store.branch(messages[-1].id, 2000) == []

    async def test_only_an_own_conversation_can_be_deleted(self, store: Store):
        conversation = await begin(store, BOB)
        assert not await store.delete_conversation(ANN, conversation.id)
        assert not await store.delete_conversation(ANN, "unknown")
        assert await store.conversation(BOB, conversation.id) == conversation


class TestMessages:
    async def test_a_message_is_found_as_it_was_added(self, store: Store):
        asked = question(await begin(store))
        full = assistant_message(
            "Hello.",
            "A greeting.",
            conversation_id=asked.conversation_id,
            parent_id=asked.id,
            status=Status.FAILED,
            finish="length",
            model="gpt",
            usage=Usage(1, 2, 2**40),
            error_code="timeout",
            duration=2.5,
            seconds=0.25,
            rating=Rating.DOWN,
            comment="Wrong.",
            created_at=datetime(2025, 6, 1, 12, 30, 0, 123456, tzinfo=UTC),
        )
        await store.add_messages([asked, full])
        assert await stored(store, asked) == asked
        assert await stored(store, full) == full

    async def test_a_message_of_someone_else_is_not_found(self, store: Store):
        message = await ask(store, await begin(store, BOB))
        assert await store.message(ANN, message.id) is None
        assert await store.message(ANN, "unknown") is None

    async def test_the_depth_of_a_message_counts_from_the_leaf(self, store: Store):
        conversation = Conversation(owner=ANN, title="Numbers")
        await store.add_conversation(conversation)
        one = user_message("one", conversation_id=conversation.id)
        two, other = (replace(one, id=new_id(), parent_id=one.id, role=Role.ASSISTANT) for _ in range(2))
        await store.add_messages([one, two, other])
        assert await store.depth(one.id, two.id) == 2
        assert await store.depth(two.id, two.id) == 1
        assert await store.depth(other.id, two.id) is None
        assert await store.depth(one.id, None) is None

    async def test_a_branch_has_the_oldest_first(self, store: Store):
        one = question(await begin(store))
        two = answer(one, Status.COMPLETE)
        three = question(await begin(store), two)
        await store.add_messages([one, two, three])
        assert await store.branch(three.id, 10) == [one, two, three]
        assert await store.branch(two.id, 10) == [one, two]

    async def test_a_branch_is_cut_to_its_newest(self, store: Store):
        one = question(await begin(store))
        two = answer(one, Status.COMPLETE)
        three = question(await begin(store), two)
        await store.add_messages([one, two, three])
        assert await store.branch(three.id, 2) == [two, three]
        assert await store.branch(three.id, 1) == [three]

    async def test_a_branch_leaves_out_other_versions(self, store: Store):
        asked = question(await begin(store))
        first, second = answer(asked, Status.FAILED), answer(asked)
        await store.add_messages([asked, first])
        await store.add_messages([second])
        assert await store.branch(second.id, 10) == [asked, second]
        assert await store.branch(first.id, 10) == [asked, first]

    async def test_an_unknown_message_has_no_branch(self, store: Store):
        await ask(store, await begin(store))
        assert await store.branch(None, 10) == []
        assert await store.branch("unknown", 10) == []

    async def test_a_message_with_a_taken_id_is_a_conflict_and_nothing_is_added(self, store: Store):
        conversation = await begin(store)
        taken = await ask(store, await begin(store, BOB))
        asked = question(conversation)
        with pytest.raises(Conflict):
            await store.add_messages([asked, replace(answer(asked), id=taken.id)])
        assert await store.message(ANN, asked.id) is None
        assert await store.conversation(ANN, conversation.id) == conversation

    async def test_a_conflict_does_not_repeat_what_was_written(self, store: Store):
        message = question(await begin(store), text="my secret")
        await store.add_messages([message])
        with pytest.raises(Conflict) as caught:
            await store.add_messages([message])
        assert "secret" not in f"{caught.value} {caught.value.__cause__}"

    async def test_no_message_can_be_added_to_a_deleted_conversation(self, store: Store):
        conversation = await begin(store)
        await store.delete_conversation(ANN, conversation.id)
        with pytest.raises(NotFound):
            await store.add_messages([question(conversation)])
        with pytest.raises(NotFound):
            await store.add_messages([question(conversation)], seen=conversation)

    async def test_of_messages_added_at_once_after_the_same_reading_the_first_are_stored(self, store: Store):
        seen = await begin(store)
        for _ in range(3):
            exchanges = [(asked, answer(asked)) for asked in (question(seen) for _ in range(6))]
            adding = [store.add_messages(exchange, seen=seen) for exchange in exchanges]
            results = await asyncio.gather(*adding, return_exceptions=True)
            assert sorted(type(result).__name__ for result in results) == [*["Busy"] * 5, "NoneType"]
            added = exchanges[results.index(None)]
            seen = replace(seen, latest_id=added[1].id, updated_at=added[1].created_at)
            assert await store.conversation(ANN, seen.id) == seen
            assert [await store.message(ANN, one.id) for one, _ in exchanges] == [
                one if one == added[0] else None for one, _ in exchanges
            ]

    async def test_no_message_is_added_after_a_reading_that_is_out_of_date(self, store: Store):
        seen = await begin(store)
        streaming = await ask(store, seen)
        with pytest.raises(Busy):
            await store.add_messages([question(seen)], seen=seen)
        current = await store.conversation(ANN, seen.id)
        await store.switch_branch(seen.id, "another message")
        with pytest.raises(Busy):
            await store.add_messages([question(seen)], seen=current)
        assert await store.tree(seen.id) == await store.branch(streaming.id, None)
        await store.add_messages([question(seen)], seen=replace(seen, latest_id="another message"))


class TestAnswers:
    async def test_an_answers_text_is_saved_while_it_streams(self, store: Store):
        streaming = await ask(store, await begin(store))
        await store.save_progress([Progress(streaming.id, 0, (Reasoning("A greeting."), Text("Hel")))])
        assert await stored(store, streaming) == changed(streaming, text="Hel", reasoning="A greeting.")

    async def test_parts_of_an_answer_that_are_saved_already_stay(self, store: Store):
        streaming = await ask(store, await begin(store))
        await store.save_progress([Progress(streaming.id, 0, (Reasoning("A greeting.", 1.5), Text("Hel")))])
        await store.save_progress([Progress(streaming.id, 1, (Text("Hello."), ToolResult("c", "noon")))])
        message = await stored(store, streaming)
        assert message.parts == (Reasoning("A greeting."), Text("Hello."), ToolResult("c", "noon"))
        assert [part.seconds for part in message.parts if isinstance(part, Reasoning)] == [1.5]

    async def test_an_answers_end_is_stored_whole(self, store: Store):
        streaming = await ask(store, await begin(store))
        outcome = Outcome(Status.FAILED, "length", "gpt", Usage(1, 2, 3), "timeout", 2.5)
        parts = (
            Reasoning("A greeting.", 0.25),
            Text("Hello"),
            ToolCall("c", "clock", "{}"),
            Unknown("video", {"id": 1}),
        )
        await store.finish([EndedAnswer(streaming.id, parts, outcome)])
        assert await stored(store, streaming) == replace(streaming, parts=parts, outcome=outcome)

    async def test_an_answers_end_may_lack_usage(self, store: Store):
        streaming = await ask(store, await begin(store))
        await finish(store, streaming)
        assert (await stored(store, streaming)).outcome == Outcome(Status.COMPLETE, "stop")

    async def test_a_late_save_does_not_undo_an_answers_end(self, store: Store):
        streaming = await ask(store, await begin(store))
        await finish(store, streaming)
        await store.save_progress([Progress(streaming.id, 0, (Text("Hel"),))])
        assert (await stored(store, streaming)).text == "Hello."

    async def test_saving_a_deleted_answer_has_no_effect(self, store: Store):
        streaming = await ask(store, await begin(store))
        assert await store.save_progress([Progress(streaming.id, 0, (Text("Hel"),))]) == set()
        await store.delete_all(ANN)
        assert await store.save_progress([Progress(streaming.id, 0, (Text("Hello"),))]) == {streaming.id}
        await finish(store, streaming)
        assert await store.message(ANN, streaming.id) is None

    async def test_saving_says_that_the_conversation_is_deleted_although_it_can_be_restored(self, store: Store):
        streaming = await ask(store, await begin(store))
        await store.delete_conversation(ANN, streaming.conversation_id)
        assert await store.save_progress([Progress(streaming.id, 0, (Text("Hel"),))]) == {streaming.id}
        await finish(store, streaming)
        await store.restore_conversation(ANN, streaming.conversation_id)
        assert (await stored(store, streaming)).text == "Hello."

    async def test_saving_an_answer_changes_no_other(self, store: Store):
        conversation = await begin(store)
        streaming, other = await ask(store, conversation), await ask(store, conversation)
        await store.save_progress([Progress(streaming.id, 0, (Text("Hel"),))])
        await finish(store, streaming)
        assert await stored(store, other) == other

    async def test_saves_cancelled_at_any_point_leave_the_store_usable(self, store: Store):
        streaming = await ask(store, await begin(store))
        for steps in range(40):
            saving = asyncio.create_task(store.save_progress([Progress(streaming.id, 0, (Text("Hel"),))]))
            for _ in range(steps):
                await asyncio.sleep(0)
            saving.cancel()
            await asyncio.wait([saving])
        await finish(store, streaming)
        assert (await stored(store, streaming)).text == "Hello."


class TestStreaming:
    async def test_streaming_answers_are_those_being_written_for_the_owner(self, store: Store):
        conversation, other = await begin(store), await begin(store)
        first, second = await ask(store, conversation), await ask(store, conversation)
        third, ended = await ask(store, other), await ask(store, other)
        await finish(store, ended)
        others = await ask(store, await begin(store, BOB))
        assert sorted(await store.streaming(ANN)) == sorted([first.id, second.id, third.id])
        assert sorted(await store.streaming(ANN, conversation.id)) == sorted([first.id, second.id])
        assert await store.streaming(BOB) == [others.id]
        assert await store.streaming(BOB, conversation.id) == []


class TestRating:
    async def test_a_rating_stays_with_its_answer_until_the_next(self, store: Store):
        streaming, other = await ask(store, await begin(store)), await ask(store, await begin(store))
        assert await store.rate(ANN, streaming.id, Rating.DOWN, "Wrong.")
        assert await stored(store, streaming) == replace(streaming, rating=Rating.DOWN, comment="Wrong.")
        assert await store.rate(ANN, streaming.id, Rating.NONE, "")
        assert await stored(store, streaming) == streaming
        assert await stored(store, other) == other

    async def test_an_answers_end_keeps_its_rating(self, store: Store):
        streaming = await ask(store, await begin(store))
        await store.rate(ANN, streaming.id, Rating.UP, "Go on.")
        await finish(store, streaming)
        rated = await stored(store, streaming)
        assert (rated.rating, rated.comment, rated.text) == (Rating.UP, "Go on.", "Hello.")

    async def test_only_own_answers_can_be_rated(self, store: Store):
        asked = question(await begin(store))
        others = await ask(store, await begin(store, BOB))
        await store.add_messages([asked])
        for message_id in (asked.id, others.id, "unknown"):
            assert not await store.rate(ANN, message_id, Rating.UP, "")
        assert await stored(store, asked) == asked
        assert await store.message(BOB, others.id) == others


class TestInterruption:
    async def test_an_interrupted_answer_keeps_its_text_and_others_go_on(self, store: Store):
        conversation = await begin(store)
        first, second = await ask(store, conversation), await ask(store, await begin(store, BOB))
        other = await ask(store, await begin(store))
        await store.save_progress([Progress(first.id, 0, (Reasoning("A greeting."), Text("Hel")))])
        assert {*await store.all_streaming()} == {first.id, second.id, other.id}
        assert await store.interrupt([first.id, second.id, "unknown"]) == 2
        assert await store.all_streaming() == [other.id]
        interrupted = Outcome(Status.INTERRUPTED, error_code="interrupted")
        kept = (Reasoning("A greeting."), Text("Hel"))
        assert await stored(store, first) == replace(first, parts=kept, outcome=interrupted)
        assert await store.message(BOB, second.id) == replace(second, outcome=interrupted)

    async def test_an_ended_answer_is_not_interrupted(self, store: Store):
        streaming = await ask(store, await begin(store))
        await finish(store, streaming)
        assert await store.interrupt([streaming.id]) == 0
        assert (await stored(store, streaming)).status is Status.COMPLETE

    async def test_a_late_end_does_not_undo_an_interruption(self, store: Store):
        conversation = await begin(store)
        first, second, gone = [await ask(store, conversation) for _ in range(3)]
        await store.save_progress([Progress(first.id, 0, (Text("Hel"),))])
        await store.interrupt([first.id])
        before = await stored(store, first)
        ends = [EndedAnswer(each, (Text("Hello."),), Outcome(Status.COMPLETE)) for each in (first.id, second.id, "x")]
        assert set(await store.finish(ends)) == {first.id}
        assert await stored(store, first) == before
        assert (await stored(store, second)).text == "Hello."
        assert await stored(store, gone) == gone

    async def test_an_end_that_is_stored_again_is_no_late_one(self, store: Store):
        streaming = await ask(store, await begin(store))
        end = EndedAnswer(
            streaming.id, (Text("Hello."),), Outcome(Status.COMPLETE, "stop", "gpt", Usage(1, 2, 3), "", 0.1)
        )
        assert set(await store.finish([end])) == set(await store.finish([end])) == set()
        assert set(await store.finish([replace(end, outcome=Outcome(Status.STOPPED))])) == {streaming.id}
        assert await stored(store, streaming) == end.applied_to(streaming)

    async def test_of_an_end_and_an_interruption_at_once_the_first_is_stored(self, store: Store):
        for _ in range(10):
            streaming = await ask(store, await begin(store))
            end = EndedAnswer(streaming.id, (Text("Hello."),), Outcome(Status.COMPLETE))
            late, interrupted = await asyncio.gather(store.finish([end]), store.interrupt([streaming.id]))
            assert len(late) == interrupted
            expected = Status.INTERRUPTED if interrupted else Status.COMPLETE
            assert (await stored(store, streaming)).status is expected


TEXTS = {
    "nothing": "",
    "Korean": "안녕하세요, 세상!",
    "emoji": "👩‍👩‍👧‍👦 🇰🇷 👋🏽",
    "right to left": "\u202bשלום\u202c مرحبا",
    "combining": "e\u0301 \u1112\u1161\u11ab",
    "control characters": "\x01\x1b[31m\x7f\x85\u2028\ufeff\uffff",
    "line ends": " \r\n\n\r\t ",
    "SQL": "'; DROP TABLE messages; -- %s :name ? $1 \\",
    "a megabyte": "한🙂a " * 100_000,
}


class TestText:
    @pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
    async def test_any_text_comes_back_as_it_was(self, store: Store, text: str):
        message = question(await begin(store), text=text)
        await store.add_messages([message])
        assert (await stored(store, message)).text == text

    @pytest.mark.parametrize("char", ["\0", "\ud83d", "\ude00"])
    async def test_a_character_that_cannot_be_stored_is_replaced(self, store: Store, char: str):
        conversation = Conversation(owner=ANN, title=f"A{char}B")
        await store.add_conversation(conversation)
        streaming = await ask(store, conversation)
        await store.save_progress(
            [Progress(streaming.id, 0, (Reasoning(f"D{char}"), Text(f"{char}{char}C"), Data("d", f"E{char}")))]
        )
        message = await stored(store, streaming)
        assert message.parts[:2] == (Reasoning("D\ufffd"), Text("\ufffd\ufffdC"))
        assert message.parts[2] in (Data("d", "E\ufffd"), Data("d", f"E{char}"))  # JSON can escape some of them
        assert (await listed(store))[0].title == "A\ufffdB"

    @pytest.mark.parametrize("hostile", ["\0", "\ud83d", "'", "%", "x" * 1_000_000])
    async def test_hostile_ids_find_nothing(self, store: Store, hostile: str):
        await ask(store, await begin(store))
        assert await store.conversation(ANN, hostile) is None
        assert await store.conversations(Principal(hostile), 10) == []
        assert await store.message(ANN, hostile) is None
        assert await store.branch(hostile, 10) == []
        assert not await store.delete_conversation(ANN, hostile)
