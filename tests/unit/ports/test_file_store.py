"""Contract of ``ports.FileStore``: the index of files, and their conversations."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chat_app.infrastructure.sql.store import SqlStore
from chat_app.models.conversation import Conversation
from chat_app.models.errors import FileRefused
from chat_app.models.files import StoredFile
from chat_app.models.message import now
from chat_app.models.parts import Text
from tests.conversing import ANN, BOB
from tests.fakes import FakeStore
from tests.messages import user_message

QUOTA = 1000
LONG_AGO = now() - timedelta(days=2)


def file(owner: Any = ANN, size: int = 10, **fields: Any) -> StoredFile:
    return StoredFile(owner=owner, name="보고서 \U0001f4c4.pdf", media_type="application/pdf", size=size, **fields)


async def send(store: SqlStore | FakeStore, *files: StoredFile, owner: Any = ANN) -> Conversation:
    """Store a conversation whose first message has these files."""
    conversation = Conversation(owner=owner, title="Files")
    parts = (*(each.part for each in files), Text("Look"))
    await store.add_conversation(conversation, [replace(user_message(conversation_id=conversation.id), parts=parts)])
    return conversation


async def only(store: SqlStore | FakeStore, stored: StoredFile) -> StoredFile:
    (found,) = await store.files(stored.owner, [stored.id])
    return found


async def test_a_file_is_found_by_its_owner_alone(store: SqlStore | FakeStore):
    stored = file()
    await store.add_file(stored, quota=QUOTA)
    assert await store.files(ANN, [stored.id, "unknown"]) == [stored]
    assert await store.files(BOB, [stored.id]) == []
    assert await store.files(ANN, []) == []


async def test_files_beyond_the_quota_are_refused_for_their_owner(store: SqlStore | FakeStore):
    await store.add_file(file(size=600), quota=QUOTA)
    with pytest.raises(FileRefused):
        await store.add_file(file(size=401), quota=QUOTA)
    await store.add_file(file(size=400), quota=QUOTA)
    await store.add_file(file(BOB, size=1000), quota=QUOTA)


async def test_a_file_becomes_part_of_the_conversation_that_it_is_sent_in(store: SqlStore | FakeStore):
    first, later = file(), file()
    for each in (first, later):
        await store.add_file(each, quota=QUOTA)
    conversation = await send(store, first)
    assert (await only(store, first)).conversation_id == conversation.id
    message = replace(user_message(conversation_id=conversation.id), parts=(later.part,))
    await store.add_messages([message])
    assert (await only(store, later)).conversation_id == conversation.id


async def test_a_file_stays_in_its_first_conversation(store: SqlStore | FakeStore):
    stored = file()
    await store.add_file(stored, quota=QUOTA)
    first = await send(store, stored)
    await send(store, stored)
    assert (await only(store, stored)).conversation_id == first.id


async def test_nobody_takes_another_owners_file_into_a_conversation(store: SqlStore | FakeStore):
    stored = file()
    await store.add_file(stored, quota=QUOTA)
    await send(store, stored, owner=BOB)
    assert (await only(store, stored)).conversation_id is None


async def test_only_an_unsent_file_is_deleted_by_its_owner(store: SqlStore | FakeStore):
    unsent, sent = file(), file()
    for each in (unsent, sent):
        await store.add_file(each, quota=QUOTA)
    await send(store, sent)
    assert not await store.delete_file(BOB, unsent.id)
    assert not await store.delete_file(ANN, sent.id)
    assert await store.delete_file(ANN, unsent.id)
    assert not await store.delete_file(ANN, unsent.id)
    assert await store.files(ANN, [unsent.id, sent.id]) == [await only(store, sent)]


async def test_files_of_purged_conversations_are_purged(store: SqlStore | FakeStore):
    kept, gone = file(), file()
    for each in (kept, gone):
        await store.add_file(each, quota=QUOTA)
    await send(store, kept)
    await store.delete_conversation(ANN, (await send(store, gone)).id)
    assert await store.purge_files(LONG_AGO) == []
    await store.purge(now() + timedelta(seconds=1))
    assert await store.purge_files(LONG_AGO) == [gone.id]
    assert await store.files(ANN, [kept.id, gone.id]) == [await only(store, kept)]


async def test_old_files_that_were_never_sent_are_purged(store: SqlStore | FakeStore):
    old, new, sent = file(created_at=LONG_AGO), file(), file(created_at=LONG_AGO)
    for each in (old, new, sent):
        await store.add_file(each, quota=QUOTA)
    await send(store, sent)
    assert await store.purge_files(now() - timedelta(days=1)) == [old.id]
