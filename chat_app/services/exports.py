"""Conversations to take away: one to read, or all of it to keep."""

import re
from collections.abc import Mapping

from chat_app.models.conversation import Conversation
from chat_app.models.errors import NotFound
from chat_app.models.message import Role
from chat_app.services.archive import Talk, dump
from chat_app.services.ports import Store

# https://spec.commonmark.org/0.31.2/#fenced-code-blocks
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})(.*)$", re.MULTILINE)


class Exports:
    """Everything an owner has, as text."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def markdown(self, owner: str, conversation_id: str, names: Mapping[Role, str]) -> str:
        """The title, and who said what in the branch last looked at.

        Args:
            names: What each of the two is called.

        Raises:
            NotFound: There is no such conversation, or it is someone else's.
        """
        conversation = await self._conversation(owner, conversation_id)
        branch = await self._store.branch(conversation.latest_id, None)
        said = [f"## {names[message.role]}\n\n{_closed(message.text)}" for message in branch]
        return "\n\n".join([f"# {conversation.title}", *said]) + "\n"

    async def json(self, owner: str, conversation_id: str) -> str:
        """The conversation with all its branches, as ``archive`` describes it.

        Raises:
            NotFound: There is no such conversation, or it is someone else's.
        """
        conversation = await self._conversation(owner, conversation_id)
        return dump([await self._talk(conversation)])

    async def everything(self, owner: str) -> str:
        """All conversations of the owner, in the same form, the pinned ones first, then the most recently used."""
        pinned = await self._store.conversations(owner, None, pinned=True)
        listed = pinned + await self._store.conversations(owner, None)
        return dump([await self._talk(each.conversation) for each in listed])

    async def _conversation(self, owner: str, conversation_id: str) -> Conversation:
        conversation = await self._store.conversation(owner, conversation_id)
        if conversation is None:
            raise NotFound(f"conversation {conversation_id}")
        return conversation

    async def _talk(self, conversation: Conversation) -> Talk:
        return Talk(conversation, await self._store.tree(conversation.id))


def _closed(text: str) -> str:
    """``text`` with the end of a code block that it lacks, which would swallow whatever follows."""
    opened = ""
    for fence, info in _FENCE.findall(text):
        if not opened:
            opened = fence
        elif fence.startswith(opened) and not info.strip():
            opened = ""
    return f"{text}\n{opened}" if opened else text
