"""Exported conversations that come back, here or to another server."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from weakref import WeakValueDictionary

from chat_app.models.conversation import Conversation
from chat_app.models.errors import Conflict, InvalidRequest
from chat_app.models.message import new_id
from chat_app.services.allowance import count_within_minute
from chat_app.services.archive import Talk, load
from chat_app.services.changes import Changes
from chat_app.services.ports import ConversationStore, RateLimiter

PER_MINUTE = 10


class Imports:
    """Adds what ``Exports`` has written.

    Args:
        max_chars: How long an archive may be.
    """

    def __init__(self, store: ConversationStore, changes: Changes, limiter: RateLimiter, *, max_chars: int) -> None:
        self._store = store
        self._changes = changes
        self._limiter = limiter
        self._max_chars = max_chars
        self._turns = WeakValueDictionary[str, asyncio.Lock]()

    @asynccontextmanager
    async def turn(self, owner: str) -> AsyncGenerator[None, None]:
        """A turn to ``add``, once this owner's earlier ones are over.

        It is to be waited for before the archive is received: many at once would fill the memory.

        Raises:
            TooManyRequests: This owner has had more than ``PER_MINUTE`` lately.
        """
        await count_within_minute(self._limiter, PER_MINUTE, "imports", owner)
        async with self._turns.setdefault(owner, asyncio.Lock()):
            yield

    async def add(self, owner: str, text: str) -> list[Conversation]:
        """Add the conversations of an archive (``services.archive``) as this owner's, whoever had them before.

        They keep their ids, and so their addresses. One of which an id is taken, because it is still there, becomes a
        copy with ids of its own.

        Raises:
            InvalidRequest: It is too long, or no archive; nothing is added.
        """
        if len(text) > self._max_chars:
            raise InvalidRequest(f"an archive of {len(text)} characters")
        # A long one takes a second, in which no answer of anybody's may stand still.
        talks = await asyncio.to_thread(load, text, owner)
        added = [await self._add(talk) for talk in talks]
        self._changes.notify(owner)
        return added

    async def _add(self, talk: Talk) -> Conversation:
        try:
            await self._store.add_conversation(*talk)
        except Conflict:
            talk = _copy(talk)
            await self._store.add_conversation(*talk)
        return talk.conversation


def _copy(talk: Talk) -> Talk:
    """The same under new ids."""
    conversation = replace(talk.conversation, id=new_id())
    ids = {None: None, **{message.id: new_id() for message in talk.messages}}
    messages = [
        replace(message, id=ids[message.id], parent_id=ids[message.parent_id], conversation_id=conversation.id)
        for message in talk.messages
    ]
    return Talk(replace(conversation, latest_id=ids[conversation.latest_id]), messages)
