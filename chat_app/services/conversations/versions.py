"""Versions of messages, and switching between the branches that editing and regenerating create."""

from collections.abc import Sequence
from dataclasses import replace

from chat_app.models.conversation import Conversation
from chat_app.models.errors import NotFound
from chat_app.models.message import Message, Version
from chat_app.services.ports import Store


class Versions:
    """Versions and branches. Messages with the same parent are versions of each other."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def of(self, messages: Sequence[Message]) -> dict[str, Version]:
        """Return the version of each of these messages of one conversation, by message id."""
        if not messages:
            return {}
        parent_ids = {message.parent_id for message in messages}
        replies = await self._store.replies(messages[0].conversation_id, parent_ids)
        return {message.id: _version(message.id, replies.get(message.parent_id, [])) for message in messages}

    async def switch_branch(self, conversation: Conversation, message_id: str) -> Conversation:
        """Make the branch that runs through this message to its newest leaf the current one.

        Returns:
            The conversation with that branch.

        Raises:
            NotFound: No such message in this conversation.
        """
        message = await self._store.message(conversation.owner, message_id)
        if message is None or message.conversation_id != conversation.id:
            raise NotFound(f"message {message_id}")
        leaf_id = await self._store.newest_leaf(message_id)
        await self._store.switch_branch(conversation.id, leaf_id)
        return replace(conversation, latest_id=leaf_id)

    async def ensure_on_branch(self, conversation: Conversation, message_id: str) -> tuple[Conversation, int]:
        """Switch to a branch with this message, unless the current one has it.

        Returns:
            The conversation with that branch, and the number of messages from this one to the branch's leaf.

        Raises:
            NotFound: No such message in this conversation.
        """
        if depth := await self._store.depth(message_id, conversation.latest_id):
            return conversation, depth
        conversation = await self.switch_branch(conversation, message_id)
        return conversation, await self._store.depth(message_id, conversation.latest_id) or 0


def _version(message_id: str, siblings: Sequence[str]) -> Version:
    if message_id not in siblings:  # failed without any content, or purged in the meantime
        siblings = [*siblings, message_id]
    index = siblings.index(message_id)
    previous_id, _, next_id = [None, *siblings, None][index : index + 3]
    return Version(index + 1, len(siblings), previous_id, next_id)
