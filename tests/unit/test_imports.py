"""What was exported comes back the same, here or elsewhere, and takes nobody's place."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from chat_app.infrastructure.rate_limiter import RateLimiter
from chat_app.infrastructure.sql_store import SqlStore
from chat_app.models.conversation import Conversation
from chat_app.models.errors import InvalidRequest, TooManyRequests
from chat_app.models.message import Message, Role, Status, Usage, new_id
from chat_app.services.archive import Talk, dump
from chat_app.services.changes import Changes
from chat_app.services.exports import Exports
from chat_app.services.imports import PER_MINUTE, Imports
from tests.conversing import ANN, BOB, LONG

MAX_CHARS = 100_000


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[SqlStore]:
    store = SqlStore(database_url)
    await store.open()
    yield store
    await store.close()


@pytest.fixture
async def elsewhere(tmp_path: Path) -> AsyncIterator[SqlStore]:
    """Another server's."""
    store = SqlStore(f"sqlite:///{tmp_path}/elsewhere.db")
    await store.open()
    yield store
    await store.close()


def imports_to(store: SqlStore) -> Imports:
    return Imports(store, Changes(), RateLimiter(), max_chars=MAX_CHARS)


def talk(title: str = "Numbers", owner: str = ANN) -> Talk:
    """Two versions of an answer, and a question after the first."""
    conversation = Conversation(owner=owner, title=title, is_titled=True)
    question = Message(conversation_id=conversation.id, role=Role.USER, text="One?")
    first = replace(
        question, id=new_id(), parent_id=question.id, role=Role.ASSISTANT, text="One.", usage=Usage(1, 2, 3)
    )
    second = replace(first, id=new_id(), text="Eins.", status=Status.STOPPED, usage=None)
    last = replace(question, id=new_id(), parent_id=first.id, text="Two?")
    return Talk(replace(conversation, latest_id=last.id), [question, first, second, last])


async def texts(store: SqlStore, conversation: Conversation) -> list[tuple[str, str | None]]:
    """What the messages say, each with what it replies to."""
    tree = await store.tree(conversation.id)
    by_id = {message.id: message.text for message in tree}
    return sorted((message.text, by_id[message.parent_id] if message.parent_id else None) for message in tree)


TEXTS = [("Eins.", "One?"), ("One.", "One?"), ("One?", None), ("Two?", "One.")]


async def test_everything_comes_back_the_same_elsewhere(store: SqlStore, elsewhere: SqlStore):
    for number in range(3):
        await store.add_conversation(*talk(str(number)))
    archive = await Exports(store, RateLimiter()).everything(ANN)
    added = await imports_to(elsewhere).add(ANN, archive)
    assert await Exports(elsewhere, RateLimiter()).everything(ANN) == archive
    assert [conversation.title for conversation in added] == ["2", "1", "0"]


async def test_it_belongs_to_whoever_imports_it(store: SqlStore):
    (added,) = await imports_to(store).add(BOB, dump([talk()]))
    assert await store.conversation(BOB, added.id) == added
    assert await store.conversation(ANN, added.id) is None


@pytest.mark.parametrize("owner", [ANN, BOB])
async def test_what_is_still_there_is_copied_under_new_ids(store: SqlStore, owner: str):
    original = talk()
    await store.add_conversation(*original)
    (copy,) = await imports_to(store).add(owner, dump([original]))
    assert copy.id != original.conversation.id
    assert await texts(store, copy) == TEXTS
    assert copy.latest_id != original.conversation.latest_id
    assert [message.text for message in await store.branch(copy.latest_id, 10)] == ["One?", "One.", "Two?"]
    assert await store.conversation(owner, copy.id) == copy
    assert await store.conversation(ANN, original.conversation.id) == original.conversation
    assert await texts(store, original.conversation) == TEXTS


async def test_what_is_deleted_but_could_be_restored_keeps_its_ids(store: SqlStore):
    original = talk()
    await store.add_conversation(*original)
    await store.delete_conversation(ANN, original.conversation.id)
    (copy,) = await imports_to(store).add(ANN, dump([original]))
    assert await texts(store, copy) == TEXTS
    assert await store.restore_conversation(ANN, original.conversation.id)
    assert await texts(store, original.conversation) == TEXTS


async def test_one_message_whose_id_is_taken_makes_it_a_copy(store: SqlStore):
    original, other = talk(), talk("Other", BOB)
    await store.add_conversation(*other)
    taken = replace(original.messages[2], id=other.messages[0].id)
    archive = dump([Talk(original.conversation, [*original.messages[:2], taken, original.messages[3]])])
    (copy,) = await imports_to(store).add(ANN, archive)
    assert await texts(store, copy) == TEXTS
    assert await texts(store, other.conversation) == TEXTS


async def test_an_archive_may_be_only_so_long(store: SqlStore):
    archive = dump([talk()])
    imports = Imports(store, Changes(), RateLimiter(), max_chars=len(archive) - 1)
    with pytest.raises(InvalidRequest):
        await imports.add(ANN, archive)
    assert await store.conversations(ANN, None) == []
    assert await Imports(store, Changes(), RateLimiter(), max_chars=len(archive)).add(ANN, archive)


async def test_one_may_import_only_so_often(store: SqlStore):
    imports = imports_to(store)
    for _ in range(PER_MINUTE):
        async with imports.turn(ANN):
            pass
    with pytest.raises(TooManyRequests):
        async with imports.turn(ANN):
            pass
    async with imports.turn(BOB):
        pass


async def test_one_may_import_only_one_after_the_other(store: SqlStore):
    imports = imports_to(store)
    async with imports.turn(ANN), imports.turn(BOB):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05), imports.turn(ANN):
                pass
    async with asyncio.timeout(LONG), imports.turn(ANN):
        pass


async def test_of_an_archive_that_is_not_whole_nothing_is_added(store: SqlStore):
    broken = talk("Broken")
    archive = dump([talk(), Talk(broken.conversation, broken.messages[1:])])
    with pytest.raises(InvalidRequest):
        await imports_to(store).add(ANN, archive)
    assert await store.conversations(ANN, None) == []


async def test_who_watches_the_list_hears_of_it(store: SqlStore, changes: Changes):
    imports = Imports(store, changes, RateLimiter(), max_chars=MAX_CHARS)
    async with asyncio.timeout(LONG), aclosing(changes.watch(ANN)) as watching:
        await anext(watching)
        await imports.add(ANN, dump([talk()]))
        await anext(watching)
