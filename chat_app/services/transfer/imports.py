"""Exported conversations that come back, here or to another server."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import BinaryIO
from weakref import WeakValueDictionary

from chat_app.models.conversation import Conversation
from chat_app.models.errors import Conflict
from chat_app.models.message import Message, new_id
from chat_app.models.principal import Principal
from chat_app.services.answering.allowance import ensure_rate
from chat_app.services.conversations.changes import Changes
from chat_app.services.ports import RateLimiter, Store
from chat_app.services.transfer.archive import ConversationTree, load

PER_MINUTE = 10


@dataclass(slots=True)
class Imported:
    """The result of an import.

    Attributes:
        added: Conversations that are new to their owner, or restored after they were deleted.
        present: The number of conversations that were there already, with all of their messages.
    """

    added: list[Conversation] = field(default_factory=list)
    present: int = 0


class Imports:
    """Adds what ``Exports`` has written.

    Archives are read one after the other, and one conversation at a time, so that the memory that this takes doesn't
    depend on the number and the size of imports.
    """

    def __init__(self, store: Store, changes: Changes, limiter: RateLimiter) -> None:
        self._store = store
        self._changes = changes
        self._limiter = limiter
        self._locks = WeakValueDictionary[Principal, asyncio.Lock]()
        self._reading = asyncio.Lock()

    @asynccontextmanager
    async def lock(self, owner: Principal) -> AsyncGenerator[None, None]:
        """A turn to ``add``, once this owner's earlier ones are over.

        Wait for it before the archive is received: an owner's archives take the room of one.

        Raises:
            TooManyRequests: This owner has had more than ``PER_MINUTE`` lately.
        """
        await ensure_rate(self._limiter, PER_MINUTE, "imports", owner)
        async with self._locks.setdefault(owner, asyncio.Lock()):
            yield

    async def add(self, owner: Principal, file: BinaryIO) -> Imported:
        """Add the conversations of an archive (``services.archive``) as this owner's, whoever had them before.

        They keep their ids, and so their addresses. If an id is taken by something else, the conversation becomes a
        copy, whose ids are derived from its own and the owner, so that the same archive adds nothing when it is
        imported again.

        Raises:
            InvalidArchive: It is no archive; nothing is added.
        """
        imported = Imported()
        async with self._reading:
            # In a thread: a long one takes seconds, in which no answer of anybody's may stand still.
            await asyncio.to_thread(_ensure_whole, file, owner)
            talks = load(file, owner)
            while talk := await asyncio.to_thread(next, talks, None):
                await self._import(talk, imported)
        self._changes.notify(owner)
        return imported

    async def _import(self, talk: ConversationTree, imported: Imported) -> None:
        for each in (talk, _copy(talk, talk.conversation.owner.key)):
            if await self._add(each):
                imported.added.append(each.conversation)
                return
            if await self._has(each):
                imported.present += 1
                return
            if restored := await self._restored(each):
                imported.added.append(restored)
                return
        copy = _copy(talk, new_id())
        await self._store.add_conversation(*copy)
        imported.added.append(copy.conversation)

    async def _add(self, talk: ConversationTree) -> bool:
        try:
            await self._store.add_conversation(*talk)
        except Conflict:
            return False
        return True

    async def _has(self, talk: ConversationTree) -> bool:
        """Whether its owner has the conversation with at least these messages."""
        conversation = talk.conversation
        if await self._store.conversation(conversation.owner, conversation.id) is None:
            return False
        return _contents(talk.messages) <= _contents(await self._store.tree(conversation.id))

    async def _restored(self, talk: ConversationTree) -> Conversation | None:
        """Restore the conversation if its owner has deleted it and it still has all of these messages."""
        owner, conversation_id = talk.conversation.owner, talk.conversation.id
        if not await self._store.restore_conversation(owner, conversation_id):
            return None
        if await self._has(talk):
            return await self._store.conversation(owner, conversation_id)
        await self._store.delete_conversation(owner, conversation_id)
        return None


def _ensure_whole(file: BinaryIO, owner: Principal) -> None:
    """Read the whole archive once, so that nothing is added of one that is damaged.

    Raises:
        InvalidArchive: A part of it can't be imported.
    """
    for _ in load(file, owner):
        pass


def _contents(messages: Iterable[Message]) -> set[tuple[str, str | None, str, str]]:
    return {(message.id, message.parent_id, message.role, message.text) for message in messages}


def _copy(talk: ConversationTree, salt: str) -> ConversationTree:
    """A copy with other ids, which are derived from its own and ``salt``."""

    def other(id_: str) -> str:
        return sha256(f"{salt} {id_}".encode()).hexdigest()[:32]

    conversation = replace(talk.conversation, id=other(talk.conversation.id))
    ids = {None: None, **{message.id: other(message.id) for message in talk.messages}}
    messages = [
        replace(message, id=ids[message.id], parent_id=ids[message.parent_id], conversation_id=conversation.id)
        for message in talk.messages
    ]
    return ConversationTree(replace(conversation, latest_id=ids[conversation.latest_id]), messages)
