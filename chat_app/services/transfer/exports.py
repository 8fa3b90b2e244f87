"""Conversations to take away: one to read, or all of it to keep."""

import asyncio
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date

from pathvalidate import sanitize_filename

from chat_app.models.conversation import Conversation
from chat_app.models.errors import NotFound
from chat_app.models.message import Message, Role
from chat_app.models.principal import Principal
from chat_app.models.reasoning_tags import separate_reasoning
from chat_app.services.answering.allowance import ensure_rate
from chat_app.services.conversations.excerpt import shortened
from chat_app.services.ports import RateLimiter, Store
from chat_app.services.transfer.archive import ConversationTree, dump

PER_MINUTE = 10
MAX_NAME_CHARS = 40  # before the date; a character may have four bytes, and file systems count those

# Invisible characters that letters and emoji need. Others can make a name look like another one.
_JOINERS = "\u200c\u200d"

# https://spec.commonmark.org/0.31.2/#fenced-code-blocks
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})(.*)$", re.MULTILINE)


def file_name(title: str, day: date, extension: str) -> str:
    """A file name from title and date that every system accepts, such as ``푸른 하늘 2026-11-30.md``."""
    visible = (char for char in title if char in _JOINERS or unicodedata.category(char) != "Cf")
    name = " ".join(sanitize_filename("".join(visible), platform="universal", replacement_text=" ").split())
    name = name.lstrip(". ")  # on Unix a dot would hide it
    if len(name) > MAX_NAME_CHARS:
        name = shortened(name, MAX_NAME_CHARS)
    return f"{name} {day.isoformat()}.{extension}".lstrip()


class Exports:
    """Everything an owner has, as text.

    To write a long one takes a second, in which no answer of anybody's may stand still: that is left to a thread. Each
    owner may have ``PER_MINUTE``.
    """

    def __init__(self, store: Store, limiter: RateLimiter) -> None:
        self._store = store
        self._limiter = limiter

    async def markdown(self, owner: Principal, conversation_id: str, names: Mapping[Role, str]) -> str:
        """The title, and who said what in the branch last looked at.

        Args:
            names: What each of the two is called.

        Raises:
            NotFound: There is no such conversation, or it is someone else's.
            TooManyRequests: This owner has taken away too much lately.
        """
        await self._count(owner)
        conversation = await self._conversation(owner, conversation_id)
        branch = await self._store.branch(conversation.latest_id, None)
        return await asyncio.to_thread(_markdown, conversation, branch, names)

    async def json(self, owner: Principal, conversation_id: str) -> str:
        """The conversation with all its branches, as ``archive`` describes it.

        Raises:
            NotFound, TooManyRequests: As ``markdown``.
        """
        await self._count(owner)
        conversation = await self._conversation(owner, conversation_id)
        return await asyncio.to_thread(dump, [await self._talk(conversation)])

    async def everything(self, owner: Principal) -> str:
        """All conversations of the owner, in the same form, the pinned ones first, then the most recently used.

        Raises:
            TooManyRequests: As ``markdown``.
        """
        await self._count(owner)
        pinned = await self._store.conversations(owner, None, pinned=True)
        listed = pinned + await self._store.conversations(owner, None)
        talks = [await self._talk(each.conversation) for each in listed]
        return await asyncio.to_thread(dump, talks)

    async def _count(self, owner: Principal) -> None:
        await ensure_rate(self._limiter, PER_MINUTE, "exports", owner)

    async def _conversation(self, owner: Principal, conversation_id: str) -> Conversation:
        conversation = await self._store.conversation(owner, conversation_id)
        if conversation is None:
            raise NotFound(f"conversation {conversation_id}")
        return conversation

    async def _talk(self, conversation: Conversation) -> ConversationTree:
        return ConversationTree(conversation, await self._store.tree(conversation.id))


def _markdown(conversation: Conversation, messages: Sequence[Message], names: Mapping[Role, str]) -> str:
    said = [f"## {names[message.role]}\n\n{_closed(message.text)}" for message in map(separate_reasoning, messages)]
    return "\n\n".join([f"# {conversation.title}", *said]) + "\n"


def _closed(text: str) -> str:
    """``text`` with the end of a code block that it lacks, which would swallow whatever follows."""
    opened = ""
    for fence, info in _FENCE.findall(text):
        if not opened:
            opened = fence
        elif fence.startswith(opened) and not info.strip():
            opened = ""
    return f"{text}\n{opened}" if opened else text
