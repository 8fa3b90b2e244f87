"""Imports of archives, on the same and another server: idempotent, without overwriting."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from chat_app.infrastructure.security.rate_limiter import RateLimiter
from chat_app.infrastructure.sql.store import SqlStore
from chat_app.models.conversation import Conversation
from chat_app.models.errors import InvalidArchive, TooManyRequests
from chat_app.models.message import Role, Status, Usage, new_id
from chat_app.models.principal import Principal
from chat_app.services.conversations.changes import Changes
from chat_app.services.transfer.archive import ConversationTree, dump
from chat_app.services.transfer.exports import Exports
from chat_app.services.transfer.imports import PER_MINUTE, Imports
from tests.conversing import ANN, BOB, LONG
from tests.messages import assistant_message, changed, user_message


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[SqlStore]:
    store = SqlStore(database_url)
    await store.open()
    yield store
    await store.close()


@pytest.fixture
async def elsewhere(tmp_path: Path) -> AsyncIterator[SqlStore]:
    """The imports of another server."""
    store = SqlStore(f"sqlite:///{tmp_path}/elsewhere.db")
    await store.open()
    yield store
    await store.close()


def imports_to(store: SqlStore) -> Imports:
    return Imports(store, Changes(), RateLimiter())


def file(*talks: ConversationTree) -> BytesIO:
    return BytesIO(dump(talks).encode())


def talk(title: str = "Numbers", owner: Principal = ANN) -> ConversationTree:
    """Two versions of an answer, and a question after the first."""
    conversation = Conversation(owner=owner, title=title, is_titled=True)
    question = user_message("One?", conversation_id=conversation.id)
    first = changed(
        question, id=new_id(), parent_id=question.id, role=Role.ASSISTANT, text="One.", usage=Usage(1, 2, 3)
    )
    second = changed(first, id=new_id(), text="Eins.", status=Status.STOPPED, usage=None)
    last = changed(question, id=new_id(), parent_id=first.id, text="Two?")
    return ConversationTree(replace(conversation, latest_id=last.id), [question, first, second, last])


async def texts(store: SqlStore, conversation: Conversation) -> list[tuple[str, str | None]]:
    """The texts of the messages, each with the text that it replies to."""
    tree = await store.tree(conversation.id)
    by_id = {message.id: message.text for message in tree}
    return sorted((message.text, by_id[message.parent_id] if message.parent_id else None) for message in tree)


TEXTS = [("Eins.", "One?"), ("One.", "One?"), ("One?", None), ("Two?", "One.")]


async def test_an_export_is_the_same_after_an_import_elsewhere(store: SqlStore, elsewhere: SqlStore):
    for number in range(3):
        await store.add_conversation(*talk(str(number)))
    archive = await Exports(store, RateLimiter()).everything(ANN)
    imported = await imports_to(elsewhere).add(ANN, BytesIO(archive.encode()))
    assert await Exports(elsewhere, RateLimiter()).everything(ANN) == archive
    assert [conversation.title for conversation in imported.added] == ["2", "1", "0"]


async def test_an_imported_conversation_belongs_to_whoever_imports_it(store: SqlStore):
    (added,) = (await imports_to(store).add(BOB, file(talk()))).added
    assert await store.conversation(BOB, added.id) == added
    assert await store.conversation(ANN, added.id) is None


async def test_a_conversation_that_is_someone_elses_here_is_copied_under_new_ids(store: SqlStore):
    original, owner = talk(), BOB
    await store.add_conversation(*original)
    (copy,) = (await imports_to(store).add(owner, file(original))).added
    assert copy.id != original.conversation.id
    assert await texts(store, copy) == TEXTS
    assert copy.latest_id != original.conversation.latest_id
    assert [message.text for message in await store.branch(copy.latest_id, 10)] == ["One?", "One.", "Two?"]
    assert await store.conversation(owner, copy.id) == copy
    assert await store.conversation(ANN, original.conversation.id) == original.conversation
    assert await texts(store, original.conversation) == TEXTS


@pytest.mark.parametrize("owner", [ANN, BOB])
async def test_the_same_archive_twice_adds_nothing_twice(store: SqlStore, owner: Principal):
    original = talk()
    await store.add_conversation(*original)
    imports = imports_to(store)
    await imports.add(owner, file(original, talk()))
    before = [listed.conversation for listed in await store.conversations(owner, None)]
    again = await imports.add(owner, file(original))
    assert (again.added, again.present) == ([], 1)
    assert [listed.conversation for listed in await store.conversations(owner, None)] == before


@pytest.mark.parametrize("owner", [ANN, BOB])
async def test_a_conversation_that_has_grown_since_its_export_is_not_imported_again(store: SqlStore, owner: Principal):
    original = talk()
    await store.add_conversation(*original)
    imports = imports_to(store)
    await imports.add(owner, file(original))
    (mine,) = [listed.conversation for listed in await store.conversations(owner, None)]
    more = assistant_message("Two.", conversation_id=mine.id, parent_id=mine.latest_id)
    await store.add_messages([more])
    assert (await imports.add(owner, file(original))).present == 1


async def test_a_conversation_that_is_shorter_here_comes_as_a_copy(store: SqlStore):
    original = talk()
    shorter = ConversationTree(replace(original.conversation, latest_id=original.messages[0].id), original.messages[:1])
    await store.add_conversation(*shorter)
    (copy,) = (await imports_to(store).add(ANN, file(original))).added
    assert await texts(store, copy) == TEXTS
    assert await texts(store, original.conversation) == [("One?", None)]


async def test_importing_a_conversation_that_was_deleted_here_restores_it(store: SqlStore):
    original = talk()
    await store.add_conversation(*original)
    await store.delete_conversation(ANN, original.conversation.id)
    imported = await imports_to(store).add(ANN, file(original))
    assert (imported.added, imported.present) == ([original.conversation], 0)
    assert [listed.conversation for listed in await store.conversations(ANN, None)] == [original.conversation]
    assert await texts(store, original.conversation) == TEXTS


async def test_a_conversation_that_was_deleted_here_with_less_in_it_stays_deleted(store: SqlStore):
    original = talk()
    shorter = ConversationTree(replace(original.conversation, latest_id=original.messages[0].id), original.messages[:1])
    await store.add_conversation(*shorter)
    await store.delete_conversation(ANN, original.conversation.id)
    (copy,) = (await imports_to(store).add(ANN, file(original))).added
    assert [listed.conversation for listed in await store.conversations(ANN, None)] == [copy]
    assert await texts(store, copy) == TEXTS


async def test_one_message_whose_id_is_taken_makes_it_a_copy(store: SqlStore):
    original, other = talk(), talk("Other", BOB)
    await store.add_conversation(*other)
    taken = replace(original.messages[2], id=other.messages[0].id)
    archive = file(ConversationTree(original.conversation, [*original.messages[:2], taken, original.messages[3]]))
    (copy,) = (await imports_to(store).add(ANN, archive)).added
    assert await texts(store, copy) == TEXTS
    assert await texts(store, other.conversation) == TEXTS


async def test_imports_are_rate_limited(store: SqlStore):
    imports = imports_to(store)
    for _ in range(PER_MINUTE):
        async with imports.lock(ANN):
            pass
    with pytest.raises(TooManyRequests):
        async with imports.lock(ANN):
            pass
    async with imports.lock(BOB):
        pass


async def test_imports_of_one_owner_run_one_after_the_other(store: SqlStore):
    imports = imports_to(store)
    async with imports.lock(ANN), imports.lock(BOB):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05), imports.lock(ANN):
                pass
    async with asyncio.timeout(LONG), imports.lock(ANN):
        pass


async def test_nothing_of_an_incomplete_archive_is_added(store: SqlStore):
    broken = talk("Broken")
    archive = file(talk(), ConversationTree(broken.conversation, broken.messages[1:]))
    with pytest.raises(InvalidArchive):
        await imports_to(store).add(ANN, archive)
    assert await store.conversations(ANN, None) == []


async def test_watchers_of_the_list_are_notified_of_an_import(store: SqlStore, changes: Changes):
    imports = Imports(store, changes, RateLimiter())
    async with asyncio.timeout(LONG), aclosing(changes.watch(ANN)) as watching:
        await anext(watching)
        await imports.add(ANN, file(talk()))
        await anext(watching)
