"""Conversations: list, search, rename, delete and restore, by their owner alone."""

import asyncio
import unicodedata
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace

import pytest

from chat_app.models.conversation import Conversation, ListedConversation
from chat_app.models.errors import InvalidRequest, NotFound
from chat_app.models.principal import Principal
from chat_app.services.asking.questions import Questions
from chat_app.services.conversations.changes import Changes
from chat_app.services.conversations.conversations import MAX_QUERY_CHARS, MAX_TITLE_CHARS, Conversations
from chat_app.services.conversations.excerpt import Fragment
from tests.clock import VIRTUAL_TIME, Backend
from tests.conversing import ANN, AS_ANN, AS_BOB, BOB, LONG, Ask, add_conversation, texts
from tests.fakes import FakeStore, ScriptedProvider, until

pytestmark = pytest.mark.usefixtures("nothing_left")

Change = Callable[[Conversations, Conversation], Awaitable[object]]


@pytest.fixture(scope="module")
def anyio_backend() -> Backend:
    return VIRTUAL_TIME


async def add(store: FakeStore, *titles: str, owner: Principal = ANN) -> list[Conversation]:
    return [await add_conversation(store, title, owner) for title in titles]


def titles(listed: list[ListedConversation]) -> list[str]:
    return [each.conversation.title for each in listed]


class TestOwner:
    @pytest.mark.parametrize("name", ["get", "rename", "pin", "delete", "restore"])
    async def test_a_strangers_conversation_can_neither_be_seen_nor_changed(
        self, conversations: Conversations, conversation: Conversation, name: str
    ):
        arguments = {"rename": ["Mine"], "pin": [True]}.get(name, [])
        with pytest.raises(NotFound):
            await getattr(conversations, name)(BOB, conversation.id, *arguments)
        assert await conversations.unpinned(ANN, 10) == [ListedConversation(conversation, is_answering=False)]

    async def test_a_strangers_conversation_is_not_found(
        self, conversations: Conversations, conversation: Conversation
    ):
        assert await conversations.unpinned(BOB, 10) == []
        assert await conversations.pinned(BOB) == []
        assert await conversations.search(BOB, conversation.title, 10) == []


class TestMessages:
    async def test_messages_are_the_newest_and_oldest_first(
        self, ask: Ask, conversations: Conversations, conversation: Conversation
    ):
        await ask(conversation, "One?", "One.")
        await ask(conversation, "Two?", "Two.")
        newest = await conversations.messages(await conversations.get(ANN, conversation.id), 3)
        assert [message.text for message in newest] == ["One.", "Two?", "Two."]

    async def test_earlier_messages_are_those_before_a_message(
        self, ask: Ask, conversations: Conversations, conversation: Conversation
    ):
        first = await ask(conversation, "One?", "One.")
        second = await ask(conversation, "Two?", "Two.")
        before = await conversations.messages(conversation, 2, before=second.answer.id)
        assert [message.text for message in before] == ["One.", "Two?"]
        assert await conversations.messages(conversation, 2, before=first.message.id) == []

    async def test_no_messages_come_before_one_of_another_conversation(
        self, ask: Ask, conversations: Conversations, conversation: Conversation, store: FakeStore
    ):
        question = await ask(conversation, "One?", "One.")
        (other,) = await add(store, "Other")
        for message_id in (question.answer.id, "unknown"):
            with pytest.raises(NotFound):
                await conversations.messages(other, 2, before=message_id)


class TestList:
    async def test_the_conversation_last_used_is_listed_first(
        self, ask: Ask, conversations: Conversations, store: FakeStore
    ):
        first, _ = await add(store, "First", "Second")
        assert titles(await conversations.unpinned(ANN, 10)) == ["Second", "First"]
        await ask(first, "Hello?", "Hello.")
        assert titles(await conversations.unpinned(ANN, 10)) == ["First", "Second"]

    async def test_the_list_goes_on_after_a_cursor(self, conversations: Conversations, store: FakeStore):
        await add(store, *"abcde")
        page = await conversations.unpinned(ANN, 2)
        assert titles(page) == ["e", "d"]
        page = await conversations.unpinned(ANN, 2, page[-1].conversation.list_cursor)
        assert titles(page) == ["c", "b"]
        page = await conversations.unpinned(ANN, 2, page[-1].conversation.list_cursor)
        assert titles(page) == ["a"]

    async def test_pinned_conversations_are_listed_apart(self, conversations: Conversations, store: FakeStore):
        first, _, third = await add(store, "First", "Second", "Third")
        for conversation in (first, third):
            await conversations.pin(ANN, conversation.id, True)
        assert titles(await conversations.pinned(ANN)) == ["Third", "First"]
        assert titles(await conversations.unpinned(ANN, 10)) == ["Second"]
        await conversations.pin(ANN, third.id, False)
        assert titles(await conversations.pinned(ANN)) == ["First"]
        assert titles(await conversations.unpinned(ANN, 10)) == ["Third", "Second"]

    async def test_the_list_shows_where_an_answer_is_being_written(
        self, ask: Ask, questions: Questions, conversations: Conversations, conversation: Conversation, store: FakeStore
    ):
        (other,) = await add(store, "Other")
        await ask(other, "Hello?", "Hello.")
        await questions.ask(AS_ANN, conversation, "Hello?")
        assert [each.is_answering for each in await conversations.unpinned(ANN, 10)] == [True, False]


class TestSearch:
    async def test_search_finds_titles_and_messages_and_shows_an_excerpt(
        self, ask: Ask, conversations: Conversations, store: FakeStore
    ):
        asked, titled, _ = await add(store, "Trees", "About apples", "Nothing")
        question = await ask(asked, "What grows on them?", "Red apples do.")
        in_message, in_title = await conversations.search(ANN, "Apple", 10)
        assert (in_message.conversation.id, in_message.message_id) == (asked.id, question.answer.id)
        assert in_message.title == [Fragment("Trees", False)]
        assert in_message.excerpt == [Fragment("Red ", False), Fragment("apple", True), Fragment("s do.", False)]
        assert (in_title.conversation, in_title.message_id) == (titled, None)
        assert in_title.title == [Fragment("About ", False), Fragment("apple", True), Fragment("s", False)]
        assert in_title.excerpt == []

    async def test_all_search_words_have_to_be_in_one_message_or_in_the_title(
        self, ask: Ask, conversations: Conversations, store: FakeStore
    ):
        asked, titled, _ = await add(store, "Trees", "Apples, red", "Red")
        question = await ask(asked, "What grows on red ones?", "Apples that are red.")
        hits = await conversations.search(ANN, "red apples", 10)
        assert [hit.message_id for hit in hits] == [question.answer.id, None]
        assert [hit.conversation.id for hit in hits] == [asked.id, titled.id]

    async def test_a_search_has_only_so_many_hits(self, conversations: Conversations, store: FakeStore):
        await add(store, *["Apples"] * 3)
        assert len(await conversations.search(ANN, "apples", 2)) == 2

    async def test_search_ignores_space_around_and_composition(self, conversations: Conversations, store: FakeStore):
        await add(store, "사과나무")
        (hit,) = await conversations.search(ANN, f"  {unicodedata.normalize('NFD', '사과')}\n", 10)
        assert hit.title == [Fragment("사과", True), Fragment("나무", False)]

    @pytest.mark.parametrize("text", ["", " \n", "x" * (MAX_QUERY_CHARS + 1)], ids=["nothing", "blank", "too much"])
    async def test_an_empty_and_a_too_long_search_are_refused(self, conversations: Conversations, text: str):
        with pytest.raises(InvalidRequest):
            await conversations.search(ANN, text, 10)

    async def test_a_search_of_the_longest_text_is_accepted(self, conversations: Conversations):
        assert await conversations.search(ANN, "x" * MAX_QUERY_CHARS, 10) == []


class TestRenaming:
    async def test_a_renamed_conversation_has_the_title_its_owner_wants(
        self, conversations: Conversations, conversation: Conversation
    ):
        await conversations.rename(ANN, conversation.id, "  My \n title ")
        assert await conversations.get(ANN, conversation.id) == replace(conversation, title="My title", is_titled=True)

    async def test_a_title_has_a_limit(self, conversations: Conversations, conversation: Conversation):
        await conversations.rename(ANN, conversation.id, "x" * MAX_TITLE_CHARS)
        for title in ("x" * (MAX_TITLE_CHARS + 1), "", " \n"):
            with pytest.raises(InvalidRequest):
                await conversations.rename(ANN, conversation.id, title)
        assert (await conversations.get(ANN, conversation.id)).title == "x" * MAX_TITLE_CHARS


class TestDeleting:
    async def test_deleting_a_conversation_stops_its_answer(
        self, questions: Questions, conversations: Conversations, conversation: Conversation, provider: ScriptedProvider
    ):
        await questions.ask(AS_ANN, conversation, "Hello?")
        await until(lambda: provider.open)
        await conversations.delete(ANN, conversation.id)
        await until(lambda: not provider.open)
        with pytest.raises(NotFound):
            await conversations.get(ANN, conversation.id)

    async def test_a_question_during_deletion_is_deleted_too(
        self, questions: Questions, conversations: Conversations, conversation: Conversation, provider: ScriptedProvider
    ):
        await asyncio.gather(questions.ask(AS_ANN, conversation, "Hello?"), conversations.delete(ANN, conversation.id))
        await until(lambda: not provider.open)
        with pytest.raises(NotFound):
            await conversations.get(ANN, conversation.id)

    async def test_a_question_after_deletion_finds_no_conversation(
        self, questions: Questions, conversations: Conversations, conversation: Conversation, store: FakeStore
    ):
        results = await asyncio.gather(
            conversations.delete(ANN, conversation.id),
            questions.ask(AS_ANN, conversation, "Hello?"),
            return_exceptions=True,
        )
        assert [type(result) for result in results] == [type(None), NotFound]
        assert store.messages == {}

    async def test_a_deleted_conversation_is_neither_listed_nor_found_nor_changed(
        self, conversations: Conversations, conversation: Conversation
    ):
        await conversations.pin(ANN, conversation.id, True)
        await conversations.delete(ANN, conversation.id)
        assert await conversations.unpinned(ANN, 10) == await conversations.pinned(ANN) == []
        assert await conversations.search(ANN, conversation.title, 10) == []
        for change in (
            conversations.rename(ANN, conversation.id, "Back"),
            conversations.pin(ANN, conversation.id, False),
            conversations.delete(ANN, conversation.id),
        ):
            with pytest.raises(NotFound):
                await change

    async def test_a_deleted_conversation_can_be_restored_as_it_was(
        self, ask: Ask, conversations: Conversations, conversation: Conversation, store: FakeStore
    ):
        await ask(conversation, "Hello?", "Hello.")
        before = await conversations.get(ANN, conversation.id)
        await conversations.delete(ANN, conversation.id)
        await conversations.restore(ANN, conversation.id)
        assert await conversations.get(ANN, conversation.id) == before
        assert await texts(store, conversation) == ["Hello?", "Hello."]

    async def test_only_a_deleted_conversation_can_be_restored(
        self, conversations: Conversations, conversation: Conversation
    ):
        with pytest.raises(NotFound):
            await conversations.restore(ANN, conversation.id)


class TestDeletingAll:
    async def test_deleting_all_removes_the_owners_conversations_for_good(
        self, ask: Ask, conversations: Conversations, store: FakeStore
    ):
        one, deleted = await add(store, "One", "Deleted")
        (others,) = await add(store, "Bob's", owner=BOB)
        for conversation in (one, deleted):
            await ask(conversation, "Hello?", "Hello.")
        await conversations.delete(ANN, deleted.id)
        await conversations.delete_all(ANN)
        assert await conversations.unpinned(ANN, 10) == []
        assert store.messages == {}
        with pytest.raises(NotFound):
            await conversations.restore(ANN, deleted.id)
        assert await conversations.get(BOB, others.id) == others

    async def test_deleting_all_stops_all_answers(
        self, questions: Questions, conversations: Conversations, provider: ScriptedProvider, store: FakeStore
    ):
        for conversation in await add(store, "One", "Two"):
            await questions.ask(AS_ANN, conversation, "Hello?")
        (others,) = await add(store, "Bob's", owner=BOB)
        await questions.ask(AS_BOB, others, "Hello?")
        await until(lambda: provider.open == 3)
        await conversations.delete_all(ANN)
        await until(lambda: provider.open == 1)

    async def test_deleting_all_may_find_nothing_to_delete(self, conversations: Conversations):
        await conversations.delete_all(ANN)


CHANGES: dict[str, Change] = {
    "rename": lambda conversations, one: conversations.rename(ANN, one.id, "Renamed"),
    "pin": lambda conversations, one: conversations.pin(ANN, one.id, True),
    "delete": lambda conversations, one: conversations.delete(ANN, one.id),
    "restore": lambda conversations, one: conversations.restore(ANN, one.id),
    "delete all": lambda conversations, _: conversations.delete_all(ANN),
}


@pytest.mark.parametrize("name", CHANGES)
async def test_watchers_of_the_list_are_notified_of_a_change(
    conversations: Conversations, conversation: Conversation, changes: Changes, name: str
):
    if name == "restore":
        await conversations.delete(ANN, conversation.id)
    async with asyncio.timeout(LONG), aclosing(changes.watch(ANN)) as watching:
        await anext(watching)
        await CHANGES[name](conversations, conversation)
        await anext(watching)


@pytest.mark.parametrize("name", ["rename", "pin", "delete", "restore"])
async def test_an_unknown_conversation_can_not_be_changed(
    conversations: Conversations, conversation: Conversation, name: str
):
    with pytest.raises(NotFound):
        await CHANGES[name](conversations, replace(conversation, id="unknown"))
