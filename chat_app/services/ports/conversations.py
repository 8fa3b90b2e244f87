"""Port: stored conversations."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from chat_app.models.conversation import (
    Conversation,
    ConversationSettings,
    ListCursor,
    ListedConversation,
    SearchHit,
)
from chat_app.models.message import Message
from chat_app.models.principal import Principal


class ConversationStore(Protocol):
    """Conversations in storage.

    Methods that take an owner ignore the conversations of other owners and soft-deleted ones. A soft-deleted
    conversation can be restored until it is purged.
    """

    async def add_conversation(self, conversation: Conversation, messages: Sequence[Message] = ()) -> None:
        """Add a conversation with its messages, if any; parents come before their replies.

        Raises:
            Conflict: An id is already taken.
        """
        ...

    async def conversation(self, owner: Principal, conversation_id: str) -> Conversation | None:
        """Return the conversation; ``None`` if the owner has none with this id."""
        ...

    async def conversations(
        self, owner: Principal, limit: int | None, before: ListCursor | None = None, *, pinned: bool = False
    ) -> list[ListedConversation]:
        """Return the owner's pinned conversations, or the others, the most recently used first.

        Args:
            limit: The maximum number; ``None`` for all.
            before: Only those after this cursor, for pages of a long list.
        """
        ...

    async def search(self, owner: Principal, words: Sequence[str], limit: int) -> list[SearchHit]:
        """Return conversations with all words in one message or in the title, the most recently used first.

        Args:
            words: At least one, in any order and case; each may be the middle of a longer one.
        """
        ...

    async def rename(self, owner: Principal, conversation_id: str, title: str) -> bool:
        """Set the owner's title; ``False`` without such a conversation."""
        ...

    async def suggest_title(self, owner: Principal, conversation_id: str, title: str) -> bool:
        """Set a title unless one has been chosen already; returns whether it was set."""
        ...

    async def pin(self, owner: Principal, conversation_id: str, is_pinned: bool) -> bool:
        """Pin or unpin; ``False`` without such a conversation."""
        ...

    async def change_settings(self, owner: Principal, conversation_id: str, settings: ConversationSettings) -> bool:
        """Replace the settings; ``False`` without such a conversation."""
        ...

    async def switch_branch(self, conversation_id: str, message_id: str) -> None:
        """Set the latest message, whose branch becomes the current one."""
        ...

    async def delete_conversation(self, owner: Principal, conversation_id: str) -> bool:
        """Soft-delete a conversation; ``False`` without such a conversation."""
        ...

    async def restore_conversation(self, owner: Principal, conversation_id: str) -> bool:
        """Undo a soft delete; ``False`` if no such conversation of the owner's is deleted."""
        ...

    async def delete_all(self, owner: Principal) -> None:
        """Permanently delete all of the owner's conversations."""
        ...

    async def purge(self, deleted_before: datetime) -> int:
        """Permanently delete conversations soft-deleted before this moment; returns their number."""
        ...
