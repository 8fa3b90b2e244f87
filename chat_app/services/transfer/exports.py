"""Exports: a conversation as Markdown or JSON, and all of an owner's conversations as JSON."""

import asyncio
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date

from pathvalidate import sanitize_filename

from chat_app.models.conversation import Conversation
from chat_app.models.errors import NotFound
from chat_app.models.message import Message, Role
from chat_app.models.parts import Source
from chat_app.models.principal import Principal
from chat_app.models.reasoning_tags import separate_reasoning
from chat_app.models.web_page import host_of, is_web_page
from chat_app.services.answering.allowance import ensure_rate
from chat_app.services.conversations.excerpt import shortened
from chat_app.services.ports import RateLimiter, Store
from chat_app.services.transfer.archive import ConversationTree, dump

PER_MINUTE = 10
MAX_NAME_CHARS = 40  # before the date: 160 bytes in UTF-8, and file systems allow 255

# Zero-width (non-)joiners, which letters and emoji need. Other format characters (Cf) can disguise a name.
_JOINERS = "\u200c\u200d"

# https://spec.commonmark.org/0.31.2/#fenced-code-blocks
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})(.*)$", re.MULTILINE)


def file_name(title: str, day: date, extension: str) -> str:
    """Return a file name of title and date that every system accepts, such as ``푸른 하늘 2026-11-30.md``."""
    visible = (char for char in title if char in _JOINERS or unicodedata.category(char) != "Cf")
    name = " ".join(sanitize_filename("".join(visible), platform="universal", replacement_text=" ").split())
    name = name.lstrip(". ")  # a leading dot hides a file on Unix
    if len(name) > MAX_NAME_CHARS:
        name = shortened(name, MAX_NAME_CHARS)
    return f"{name} {day.isoformat()}.{extension}".lstrip()


class Exports:
    """Writes exports, in threads: a long one takes a second, which would block the event loop.

    Each owner may have ``PER_MINUTE``.
    """

    def __init__(self, store: Store, limiter: RateLimiter) -> None:
        self._store = store
        self._limiter = limiter

    async def markdown(self, owner: Principal, conversation_id: str, names: Mapping[Role, str]) -> str:
        """Export the title and the current branch of a conversation as Markdown.

        Args:
            names: The headings of questions and of answers.

        Raises:
            NotFound: No such conversation, or another owner's.
            TooManyRequests: The owner's rate limit is reached.
        """
        await self._count(owner)
        conversation = await self._conversation(owner, conversation_id)
        branch = await self._store.branch(conversation.latest_id, None)
        return await asyncio.to_thread(_markdown, conversation, branch, names)

    async def json(self, owner: Principal, conversation_id: str) -> str:
        """Export a conversation with all its branches, in the format of ``services.transfer.archive``.

        Raises:
            NotFound: No such conversation, or another owner's.
            TooManyRequests: The owner's rate limit is reached.
        """
        await self._count(owner)
        conversation = await self._conversation(owner, conversation_id)
        return await asyncio.to_thread(dump, [await self._tree(conversation)])

    async def everything(self, owner: Principal) -> str:
        """Export all conversations of the owner, as ``json``: pinned ones first, then the most recently used.

        Raises:
            TooManyRequests: The owner's rate limit is reached.
        """
        await self._count(owner)
        pinned = await self._store.conversations(owner, None, pinned=True)
        listed = pinned + await self._store.conversations(owner, None)
        trees = [await self._tree(each.conversation) for each in listed]
        return await asyncio.to_thread(dump, trees)

    async def _count(self, owner: Principal) -> None:
        await ensure_rate(self._limiter, PER_MINUTE, "exports", owner)

    async def _conversation(self, owner: Principal, conversation_id: str) -> Conversation:
        conversation = await self._store.conversation(owner, conversation_id)
        if conversation is None:
            raise NotFound(f"conversation {conversation_id}")
        return conversation

    async def _tree(self, conversation: Conversation) -> ConversationTree:
        return ConversationTree(conversation, await self._store.tree(conversation.id))


def _markdown(conversation: Conversation, messages: Sequence[Message], names: Mapping[Role, str]) -> str:
    sections = [
        f"## {names[message.role]}\n\n{_with_closed_fence(message.text)}{_sources(message)}"
        for message in map(separate_reasoning, messages)
    ]
    return "\n\n".join([f"# {conversation.title}", *sections]) + "\n"


def _sources(message: Message) -> str:
    """Return the sources of an answer as a numbered list, after a blank line."""
    sources = dict.fromkeys((part.title, part.url) for part in message.parts if isinstance(part, Source))
    lines = [f"{number}. {_link(*source)}" for number, source in enumerate(sources, 1)]
    return "\n\n" + "\n".join(lines) if lines else ""


def _link(title: str, url: str) -> str:
    label = re.sub(r"([\\\[\]])", r"\\\1", title or host_of(url))
    # A space or an angle bracket would end the address: https://spec.commonmark.org/0.31.2/#link-destination
    address = re.sub(r"[<>\s]", "", url)
    return f"[{label}](<{address}>)" if is_web_page(url) else label


def _with_closed_fence(text: str) -> str:
    """Close a fenced code block left open at the end of ``text``: it would contain the following messages."""
    opened = ""
    for fence, info in _FENCE.findall(text):
        if not opened:
            opened = fence
        elif fence.startswith(opened) and not info.strip():
            opened = ""
    return f"{text}\n{opened}" if opened else text
