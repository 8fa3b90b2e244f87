"""Chats measured in the browser."""

import json
import math
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from playwright.async_api import BrowserContext

from chat_app.infrastructure.security.identity import visitor
from chat_app.infrastructure.sql.store import SqlStore
from chat_app.models.conversation import Conversation
from chat_app.models.message import Message
from chat_app.models.principal import Principal
from tests.app_server import RUN, AppServer
from tests.benchmarks.prose import prose
from tests.benchmarks.stream_readers import KEY
from tests.messages import assistant_message, user_message
from tests.server_process import ServerProcess
from tests.stream_client import new_cookie

MARK = "xylozyx"
"""The last word of a stored conversation, in letters that no other word has together."""

MESSAGE_CHARS = 1000
PLAIN = Path(__file__).parent / "plain" / "reflex_chat"


class Chat(Protocol):
    """A chat in the browser.

    Attributes:
        box: CSS selector of the message box, in which Enter sends.
        messages: CSS selector of its messages.
        drawn: The number of a conversation's messages that are loaded at first, the others on demand.
    """

    name: str
    box: str
    messages: str
    drawn: float

    @property
    def server(self) -> ServerProcess: ...

    async def address(self, context: BrowserContext, earlier: int) -> str:
        """The address, in this browser, of a conversation with ``earlier`` messages of a kilobyte."""
        ...


class OurChat:
    """This project; conversations are inserted into its database."""

    name = "this chat"
    box = '[aria-label="Message"]'
    messages = "article"
    drawn = 10.0

    def __init__(self, folder: Path, upstream_url: str) -> None:
        self.server = AppServer(
            folder,
            OPENAI_BASE_URL=upstream_url,
            MAX_RUNNING_ANSWERS="1000",
            STREAM_API_KEYS=f"benchmark:{KEY}",
            # As in the baseline, an answer ends with its reader, so that it doesn't run during the next measurement.
            ABANDONED_ANSWER_GRACE="0.1",
        )

    async def address(self, context: BrowserContext, earlier: int) -> str:
        cookie = new_cookie()
        name, _, value = cookie.partition("=")
        await context.add_cookies([{"name": name, "value": value, "url": self.server.url}])
        owner = visitor(cookie) or Principal("")
        conversation_id = await _store_conversation(self.server.database_url, owner, earlier) if earlier else None
        return f"{self.server.url}/chat/{conversation_id}" if conversation_id else self.server.url


class PlainChat:
    """The baseline, which reads conversations from a file."""

    name = "plain Reflex"
    box = '[aria-label="Message"]'
    messages = "article"
    drawn = math.inf

    def __init__(self, folder: Path, upstream_url: str) -> None:
        variables = model_variables(folder, upstream_url)
        self.server = AppServer(folder, sources=PLAIN.iterdir(), command=RUN, **variables)

    async def address(self, context: BrowserContext, earlier: int) -> str:
        return f"{self.server.url}/?earlier={earlier}"


def model_variables(folder: Path, upstream_url: str) -> dict[str, str]:
    """The environment of a chat that reads conversations from a file, written into ``folder``."""
    messages = folder / "messages.json"
    messages.write_text(json.dumps(_texts(1000)))
    return {"OPENAI_BASE_URL": upstream_url, "OPENAI_API_KEY": "none", "MESSAGES": str(messages)}


async def _store_conversation(database_url: str, owner: Principal, length: int) -> str:
    """Store a conversation of ``length`` messages, each a reply to the previous one; returns its id."""
    conversation = Conversation(owner=owner, title="A long conversation")
    messages: list[Message] = []
    for number, text in enumerate(_texts(length)):
        make = (user_message, assistant_message)[number % 2]
        message = make(
            text,
            conversation_id=conversation.id,
            parent_id=messages[-1].id if messages else None,
            created_at=conversation.created_at + timedelta(seconds=number),
        )
        messages.append(message)
    store = SqlStore(database_url)
    await store.add_conversation(conversation)
    await store.add_messages(messages)
    await store.close()
    return conversation.id


def _texts(count: int) -> list[str]:
    texts = [prose(MESSAGE_CHARS, seed) for seed in range(count)]
    return [*texts[:-1], f"{texts[-1]} {MARK}."]
