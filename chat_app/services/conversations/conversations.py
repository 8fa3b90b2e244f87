"""Conversations: get, list, search, rename, pin, delete and restore."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from weakref import WeakValueDictionary

from chat_app.models.conversation import (
    Conversation,
    ConversationSettings,
    ListCursor,
    ListedConversation,
    SearchHit,
)
from chat_app.models.errors import InvalidRequest, NotFound
from chat_app.models.message import Message
from chat_app.models.principal import Principal
from chat_app.services.answering.answers import Answers
from chat_app.services.conversations.changes import Changes
from chat_app.services.conversations.excerpt import Fragment, excerpt, highlighted, words_in
from chat_app.services.conversations.settings import ensure_valid
from chat_app.services.ports import Store

MAX_TITLE_CHARS = 200
MAX_QUERY_CHARS = 200


@dataclass(frozen=True, slots=True)
class HighlightedHit:
    """A search hit with highlighted matches.

    Attributes:
        message_id: The newest matching message; ``None`` if only the title matches.
        title: The whole title.
        excerpt: One line of that message; empty if only the title matches.
    """

    conversation: Conversation
    message_id: str | None
    title: list[Fragment]
    excerpt: list[Fragment]


class Conversations:
    """Conversations of all owners. Each method is limited to those of the owner it is given.

    Soft-deleted conversations are not found, except by ``restore``.
    """

    def __init__(self, store: Store, answers: Answers, changes: Changes) -> None:
        self._store = store
        self._answers = answers
        self._changes = changes
        self._locks = WeakValueDictionary[str, asyncio.Lock]()

    async def get(self, owner: Principal, conversation_id: str) -> Conversation:
        """Return a conversation.

        Raises:
            NotFound: No such conversation, or another owner's.
        """
        conversation = await self._store.conversation(owner, conversation_id)
        if conversation is None:
            raise NotFound(f"conversation {conversation_id}")
        return conversation

    def lock(self, conversation_id: str) -> asyncio.Lock:
        """Return the lock to hold while asking in a conversation or deleting it, against lost updates."""
        return self._locks.setdefault(conversation_id, asyncio.Lock())

    async def messages(self, conversation: Conversation, limit: int, before: str | None = None) -> list[Message]:
        """Return the newest ``limit`` messages of the current branch, oldest first.

        Args:
            before: A message id: only its ancestors, in whichever branch it is.

        Raises:
            NotFound: No such message in this conversation.
        """
        if before is None:
            return await self._store.branch(conversation.latest_id, limit)
        branch = await self._store.branch(before, limit + 1)
        if not branch or branch[-1].conversation_id != conversation.id:
            raise NotFound(f"message {before}")
        return branch[:-1]

    async def pinned(self, owner: Principal) -> list[ListedConversation]:
        """Return the pinned conversations, the most recently used first."""
        return await self._store.conversations(owner, None, pinned=True)

    async def unpinned(
        self, owner: Principal, limit: int, before: ListCursor | None = None
    ) -> list[ListedConversation]:
        """Return a page of the unpinned conversations, the most recently used first.

        Args:
            before: The ``list_cursor`` of the previous page's last conversation.
        """
        return await self._store.conversations(owner, limit, before)

    async def recent(self, owner: Principal, limit: int) -> list[Conversation]:
        """Return pinned and unpinned conversations together, the most recently used first."""
        listed = [*await self.pinned(owner), *await self.unpinned(owner, limit)]
        return sorted((each.conversation for each in listed), key=lambda each: each.list_cursor, reverse=True)[:limit]

    async def search(self, owner: Principal, query: str, limit: int) -> list[HighlightedHit]:
        """Full-text search for all words of ``query``, in any order and case, as substrings.

        All words must be in one message, or all in the title: nearly every long conversation has them somewhere.

        Returns:
            At most ``limit`` hits, the most recently used conversation first.

        Raises:
            InvalidRequest: The query is blank, or longer than ``MAX_QUERY_CHARS``.
        """
        if not 0 < len(query.strip()) <= MAX_QUERY_CHARS:
            raise InvalidRequest(f"a search for {len(query)} characters")
        hits = await self._store.search(owner, words_in(query), limit)
        # Long messages take a while, which would block the event loop.
        return await asyncio.to_thread(_highlighted_hits, hits, query)

    async def rename(self, owner: Principal, conversation_id: str, title: str) -> None:
        """Set the title.

        Raises:
            InvalidRequest: The title is blank, or longer than ``MAX_TITLE_CHARS``.
            NotFound: No such conversation.
        """
        title = " ".join(title.split())
        if not 0 < len(title) <= MAX_TITLE_CHARS:
            raise InvalidRequest(f"a title of {len(title)} characters")
        _ensure_found(await self._store.rename(owner, conversation_id, title), conversation_id)
        self._changes.notify(owner)

    async def pin(self, owner: Principal, conversation_id: str, is_pinned: bool) -> None:
        """Pin or unpin a conversation.

        Raises:
            NotFound: No such conversation.
        """
        _ensure_found(await self._store.pin(owner, conversation_id, is_pinned), conversation_id)
        self._changes.notify(owner)

    async def change_settings(self, owner: Principal, conversation_id: str, settings: ConversationSettings) -> None:
        """Replace the settings of a conversation.

        Raises:
            InvalidRequest: A setting is out of its range, or too long.
            NotFound: No such conversation.
        """
        ensure_valid(settings)
        _ensure_found(await self._store.change_settings(owner, conversation_id, settings), conversation_id)

    async def delete(self, owner: Principal, conversation_id: str) -> None:
        """Soft-delete a conversation and stop its running answers. ``restore`` undoes it until the purge.

        Raises:
            NotFound: No such conversation.
        """
        async with self.lock(conversation_id):
            for answer_id in await self._store.streaming(owner, conversation_id):
                await self._answers.stop(answer_id, owner)
            _ensure_found(await self._store.delete_conversation(owner, conversation_id), conversation_id)
        self._changes.notify(owner)

    async def restore(self, owner: Principal, conversation_id: str) -> None:
        """Restore a soft-deleted conversation.

        Raises:
            NotFound: No such conversation is soft-deleted; it may have been purged.
        """
        _ensure_found(await self._store.restore_conversation(owner, conversation_id), conversation_id)
        self._changes.notify(owner)

    async def delete_all(self, owner: Principal) -> None:
        """Delete all conversations permanently, and stop all running answers."""
        for answer_id in await self._store.streaming(owner):
            # An answer deleted in the meantime stops by itself.
            with suppress(NotFound):
                await self._answers.stop(answer_id, owner)
        await self._store.delete_all(owner)
        self._changes.notify(owner)


def _highlighted_hits(hits: Sequence[SearchHit], query: str) -> list[HighlightedHit]:
    return [
        HighlightedHit(
            hit.conversation,
            hit.message_id,
            title=highlighted(hit.conversation.title, query),
            excerpt=excerpt(hit.text, query) if hit.message_id else [],
        )
        for hit in hits
    ]


def _ensure_found(found: bool, conversation_id: str) -> None:
    if not found:
        raise NotFound(f"conversation {conversation_id}")
