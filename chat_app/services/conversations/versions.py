"""Earlier and later versions of a message: the tree that editing and regenerating make, paged through."""

from collections.abc import Sequence
from dataclasses import replace

from chat_app.models.conversation import Conversation
from chat_app.models.errors import NotFound
from chat_app.models.message import Message, Version
from chat_app.services.ports import Store


class Versions:
    """Messages that reply to the same one are versions of each other."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def of(self, messages: Sequence[Message]) -> dict[str, Version]:
        """Which version each of these messages of one conversation is, by id."""
        if not messages:
            return {}
        parent_ids = {message.parent_id for message in messages}
        replies = await self._store.replies(messages[0].conversation_id, parent_ids)
        return {message.id: _version(message.id, replies.get(message.parent_id, [])) for message in messages}

    async def switch_branch(self, conversation: Conversation, message_id: str) -> Conversation:
        """Look at the branch of this message, on to the newest below it: it is what is shown from now on.

        Raises:
            NotFound: There is no such message in this conversation.
        """
        message = await self._store.message(conversation.owner, message_id)
        if message is None or message.conversation_id != conversation.id:
            raise NotFound(f"message {message_id}")
        leaf_id = await self._store.newest_leaf(message_id)
        await self._store.switch_branch(conversation.id, leaf_id)
        return replace(conversation, latest_id=leaf_id)

    async def ensure_on_branch(self, conversation: Conversation, message_id: str) -> tuple[Conversation, int]:
        """The conversation in a branch that has this message, and how many there are from it to the branch's end.

        Raises:
            NotFound: There is no such message in this conversation.
        """
        if depth := await self._store.depth(message_id, conversation.latest_id):
            return conversation, depth
        conversation = await self.switch_branch(conversation, message_id)
        return conversation, await self._store.depth(message_id, conversation.latest_id) or 0


def _version(message_id: str, siblings: Sequence[str]) -> Version:
    if message_id not in siblings:  # one that failed at once, or was deleted for good meanwhile
        siblings = [*siblings, message_id]
    index = siblings.index(message_id)
    previous_id, _, next_id = [None, *siblings, None][index : index + 3]
    return Version(index + 1, len(siblings), previous_id, next_id)
