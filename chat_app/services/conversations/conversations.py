"""Conversations: read back, listed, searched, renamed, pinned, deleted and restored."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from weakref import WeakValueDictionary

from chat_app.models.conversation import Conversation, ListCursor, ListedConversation, SearchHit
from chat_app.models.errors import InvalidRequest, NotFound
from chat_app.models.message import Message
from chat_app.models.principal import Principal
from chat_app.services.answering.answers import Answers
from chat_app.services.conversations.changes import Changes
from chat_app.services.conversations.excerpt import Fragment, excerpt, highlighted, words_in
from chat_app.services.ports import Store

MAX_TITLE_CHARS = 200
MAX_QUERY_CHARS = 200


@dataclass(frozen=True, slots=True)
class HighlightedHit:
    """A conversation that a search has found.

    Attributes:
        message_id: The newest message that matches; ``None`` where only the title does.
        title: The whole title.
        excerpt: A line of the message; empty where only the title matches.
    """

    conversation: Conversation
    message_id: str | None
    title: list[Fragment]
    excerpt: list[Fragment]


class Conversations:
    """All conversations of all owners. A method sees and changes only what belongs to the owner it is given."""

    def __init__(self, store: Store, answers: Answers, changes: Changes) -> None:
        self._store = store
        self._answers = answers
        self._changes = changes
        self._locks = WeakValueDictionary[str, asyncio.Lock]()

    async def get(self, owner: Principal, conversation_id: str) -> Conversation:
        """Raises:
        NotFound: There is none, it has been deleted, or it is someone else's.
        """
        conversation = await self._store.conversation(owner, conversation_id)
        if conversation is None:
            raise NotFound(f"conversation {conversation_id}")
        return conversation

    def lock(self, conversation_id: str) -> asyncio.Lock:
        """Held by whoever asks in it or deletes it: two at once would each find it as it was before the other."""
        return self._locks.setdefault(conversation_id, asyncio.Lock())

    async def messages(self, conversation: Conversation, limit: int, before: str | None = None) -> list[Message]:
        """The newest ``limit`` messages of the branch last looked at, oldest first.

        Args:
            before: The id of a message; only those that come before it in its branch.

        Raises:
            NotFound: There is no such message in this conversation.
        """
        if before is None:
            return await self._store.branch(conversation.latest_id, limit)
        branch = await self._store.branch(before, limit + 1)
        if not branch or branch[-1].conversation_id != conversation.id:
            raise NotFound(f"message {before}")
        return branch[:-1]

    async def pinned(self, owner: Principal) -> list[ListedConversation]:
        """The owner's that are pinned, the most recently used first."""
        return await self._store.conversations(owner, None, pinned=True)

    async def latest(self, owner: Principal, limit: int, before: ListCursor | None = None) -> list[ListedConversation]:
        """The owner's that aren't pinned, the most recently used first.

        Args:
            before: The ``place`` of a conversation; only those that come after it in the list.
        """
        return await self._store.conversations(owner, limit, before)

    async def recent(self, owner: Principal, limit: int) -> list[Conversation]:
        """The owner's conversations, pinned ones too, the most recently used first."""
        listed = [*await self.pinned(owner), *await self.latest(owner, limit)]
        return sorted((each.conversation for each in listed), key=lambda each: each.list_cursor, reverse=True)[:limit]

    async def search(self, owner: Principal, query: str, limit: int) -> list[HighlightedHit]:
        """Conversations with all words of ``query``, in any order and case, the most recently used first.

        A word may be the middle of a longer one. All words have to be in one message, or all in the title: nearly every
        long conversation has them somewhere.

        Raises:
            InvalidRequest: There is nothing to search for, or too much.
        """
        if not 0 < len(query.strip()) <= MAX_QUERY_CHARS:
            raise InvalidRequest(f"a search for {len(query)} characters")
        matches = await self._store.search(owner, words_in(query), limit)
        # Long messages take a while, in which no answer of anybody's may stand still.
        return await asyncio.to_thread(_hits, matches, query)

    async def rename(self, owner: Principal, conversation_id: str, title: str) -> None:
        """Give it another title.

        Raises:
            InvalidRequest: It is blank, or has more than ``MAX_TITLE_CHARS``.
            NotFound: There is no such conversation.
        """
        title = " ".join(title.split())
        if not 0 < len(title) <= MAX_TITLE_CHARS:
            raise InvalidRequest(f"a title of {len(title)} characters")
        _ensure_found(await self._store.rename(owner, conversation_id, title), conversation_id)
        self._changes.notify(owner)

    async def pin(self, owner: Principal, conversation_id: str, is_pinned: bool) -> None:
        """Pin it, or no longer.

        Raises:
            NotFound: There is no such conversation.
        """
        _ensure_found(await self._store.pin(owner, conversation_id, is_pinned), conversation_id)
        self._changes.notify(owner)

    async def delete(self, owner: Principal, conversation_id: str) -> None:
        """Delete it and stop what is being answered in it; for a while it can be restored.

        Raises:
            NotFound: There is no such conversation.
        """
        async with self.lock(conversation_id):
            for answer_id in await self._store.streaming(owner, conversation_id):
                await self._answers.stop(answer_id, owner)
            _ensure_found(await self._store.delete_conversation(owner, conversation_id), conversation_id)
        self._changes.notify(owner)

    async def restore(self, owner: Principal, conversation_id: str) -> None:
        """Undo its deletion.

        Raises:
            NotFound: No such conversation is deleted, or not lately.
        """
        _ensure_found(await self._store.restore_conversation(owner, conversation_id), conversation_id)
        self._changes.notify(owner)

    async def delete_all(self, owner: Principal) -> None:
        """Delete everything for good, and stop what is being answered."""
        for answer_id in await self._store.streaming(owner):
            # What has been deleted meanwhile stops as well.
            with suppress(NotFound):
                await self._answers.stop(answer_id, owner)
        await self._store.delete_all(owner)
        self._changes.notify(owner)


def _hits(matches: Sequence[SearchHit], query: str) -> list[HighlightedHit]:
    return [
        HighlightedHit(
            match.conversation,
            match.message_id,
            title=highlighted(match.conversation.title, query),
            excerpt=excerpt(match.text, query) if match.message_id else [],
        )
        for match in matches
    ]


def _ensure_found(found: bool, conversation_id: str) -> None:
    if not found:
        raise NotFound(f"conversation {conversation_id}")
