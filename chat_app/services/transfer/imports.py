"""Imports of exported conversations, on the same or another server."""

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
    """Result of an import.

    Attributes:
        added: The conversations that were added, or restored after a soft delete.
        present: The number of conversations that the owner already had, with all of their messages.
    """

    added: list[Conversation] = field(default_factory=list)
    present: int = 0


class Imports:
    """Imports archives written by ``Exports``.

    Archives are read one at a time, conversation by conversation: memory depends neither on the number nor on the size
    of imports.
    """

    def __init__(self, store: Store, changes: Changes, limiter: RateLimiter) -> None:
        self._store = store
        self._changes = changes
        self._limiter = limiter
        self._locks = WeakValueDictionary[Principal, asyncio.Lock]()
        self._reading = asyncio.Lock()

    @asynccontextmanager
    async def lock(self, owner: Principal) -> AsyncGenerator[None, None]:
        """Hold the owner's import lock. Acquire it before receiving an archive: an owner uploads one at a time.

        Raises:
            TooManyRequests: The owner has reached ``PER_MINUTE``.
        """
        await ensure_rate(self._limiter, PER_MINUTE, "imports", owner)
        async with self._locks.setdefault(owner, asyncio.Lock()):
            yield

    async def add(self, owner: Principal, file: BinaryIO) -> Imported:
        """Add the conversations of an archive (``services.transfer.archive``) to this owner's. Idempotent.

        Conversations keep their ids, and so their URLs. If an id is taken, the conversation is copied with ids derived
        from its own and the owner's key, so that a second import of the archive adds nothing.

        Raises:
            InvalidArchive: The file is no archive, or damaged; nothing is added.
        """
        imported = Imported()
        async with self._reading:
            # In threads: a long archive takes seconds, which would block the event loop.
            await asyncio.to_thread(_validate, file, owner)
            trees = load(file, owner)
            while tree := await asyncio.to_thread(next, trees, None):
                await self._import(tree, imported)
        self._changes.notify(owner)
        return imported

    async def _import(self, tree: ConversationTree, imported: Imported) -> None:
        for each in (tree, _copy(tree, tree.conversation.owner.key)):
            if await self._add(each):
                imported.added.append(each.conversation)
                return
            if await self._has(each):
                imported.present += 1
                return
            if restored := await self._restored(each):
                imported.added.append(restored)
                return
        copy = _copy(tree, new_id())
        await self._store.add_conversation(*copy)
        imported.added.append(copy.conversation)

    async def _add(self, tree: ConversationTree) -> bool:
        try:
            await self._store.add_conversation(*tree)
        except Conflict:
            return False
        return True

    async def _has(self, tree: ConversationTree) -> bool:
        """Return True if the owner has the conversation with at least these messages."""
        conversation = tree.conversation
        if await self._store.conversation(conversation.owner, conversation.id) is None:
            return False
        return _contents(tree.messages) <= _contents(await self._store.tree(conversation.id))

    async def _restored(self, tree: ConversationTree) -> Conversation | None:
        """Restore a soft-deleted conversation, if it has at least these messages.

        Returns:
            The conversation; ``None`` if nothing was restored.
        """
        owner, conversation_id = tree.conversation.owner, tree.conversation.id
        if not await self._store.restore_conversation(owner, conversation_id):
            return None
        if await self._has(tree):
            return await self._store.conversation(owner, conversation_id)
        await self._store.delete_conversation(owner, conversation_id)
        return None


def _validate(file: BinaryIO, owner: Principal) -> None:
    """Read the whole archive once, so that nothing of a damaged one is added.

    Raises:
        InvalidArchive: The file is no archive, or damaged.
    """
    for _ in load(file, owner):
        pass


def _contents(messages: Iterable[Message]) -> set[tuple[str, str | None, str, str]]:
    return {(message.id, message.parent_id, message.role, message.text) for message in messages}


def _copy(tree: ConversationTree, salt: str) -> ConversationTree:
    """Return a copy with ids derived from the original ones and ``salt``."""

    def derived(id_: str) -> str:
        return sha256(f"{salt} {id_}".encode()).hexdigest()[:32]

    conversation = replace(tree.conversation, id=derived(tree.conversation.id))
    ids = {None: None, **{message.id: derived(message.id) for message in tree.messages}}
    messages = [
        replace(message, id=ids[message.id], parent_id=ids[message.parent_id], conversation_id=conversation.id)
        for message in tree.messages
    ]
    return ConversationTree(replace(conversation, latest_id=ids[conversation.latest_id]), messages)
