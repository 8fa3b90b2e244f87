"""What the services need from the outside world, in memory and in a test's hands."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime

from chat_app.infrastructure.memory_log import MemoryAnswerLog
from chat_app.models.conversation import Conversation
from chat_app.models.errors import Conflict, Interrupted, NotFound
from chat_app.models.events import AnswerEvent, Chunk, Entry, Finish, ModelEvent
from chat_app.models.message import Message, Status, Turn


async def until(condition: Callable[[], object]) -> None:
    """Wait for what nothing announces."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - any condition, not only one that sets an Event
            await asyncio.sleep(0.001)


class ScriptedProvider:
    """A model that says what the test tells it to, when the test tells it to. Fulfils ``services.ports.Provider``.

    Attributes:
        calls: The turns of each answer asked for.
        open: How many answers are going on.
    """

    def __init__(self) -> None:
        self.calls: list[list[Turn]] = []
        self.open = 0
        self._script: asyncio.Queue[ModelEvent | Exception] = asyncio.Queue()

    def say(self, *pieces: str | ModelEvent) -> None:
        """The next pieces; a string is a ``Chunk``."""
        for piece in pieces:
            self._script.put_nowait(Chunk(piece) if isinstance(piece, str) else piece)

    def finish(self, reason: str = "stop") -> None:
        self.say(Finish(reason, "scripted"))

    def fail(self, error: Exception) -> None:
        self._script.put_nowait(error)

    async def stream(self, turns: Sequence[Turn]) -> AsyncGenerator[ModelEvent, None]:
        self.calls.append(list(turns))
        self.open += 1
        try:
            while True:
                event = await self._script.get()
                if isinstance(event, Exception):
                    raise event
                yield event
                if isinstance(event, Finish):
                    return
        finally:
            self.open -= 1


class FakeStore:
    """Keeps everything in dictionaries, and takes a moment for it as a database does. Fulfils ``services.ports.Store``.

    Attributes:
        messages: All messages of all conversations.
        saved: The texts that ``save_progress`` was given.
        failing: Names of methods that raise an ``OSError``.
        gate: Cleared, it holds up whoever wants to save progress.
    """

    def __init__(self) -> None:
        self.messages: dict[str, Message] = {}
        self.saved: list[str] = []
        self.failing: set[str] = set()
        self.gate = asyncio.Event()
        self.gate.set()
        self._conversations: dict[str, Conversation] = {}

    async def add_conversation(self, conversation: Conversation) -> None:
        await self._work("add_conversation")
        self._conversations[conversation.id] = conversation

    async def conversation(self, owner: str, conversation_id: str) -> Conversation | None:
        await self._work("conversation")
        found = self._conversations.get(conversation_id)
        return found if found and found.owner == owner else None

    async def conversations(self, owner: str, limit: int, before: datetime | None = None) -> list[Conversation]:
        await self._work("conversations")
        own = [found for found in self._conversations.values() if found.owner == owner]
        earlier = [found for found in own if before is None or found.updated_at < before]
        return sorted(earlier, key=lambda found: found.updated_at, reverse=True)[:limit]

    async def delete_conversation(self, owner: str, conversation_id: str) -> bool:
        if await self.conversation(owner, conversation_id) is None:
            return False
        del self._conversations[conversation_id]
        self.messages = {
            key: message for key, message in self.messages.items() if message.conversation_id != conversation_id
        }
        return True

    async def add_messages(self, messages: Sequence[Message]) -> None:
        await self._work("add_messages")
        latest = messages[-1]
        conversation = self._conversations.get(latest.conversation_id)
        if conversation is None:
            raise NotFound
        if self.messages.keys() & {message.id for message in messages}:
            raise Conflict
        self.messages |= {message.id: message for message in messages}
        self._conversations[conversation.id] = replace(conversation, latest_id=latest.id, updated_at=latest.created_at)

    async def message(self, owner: str, message_id: str) -> Message | None:
        await self._work("message")
        found = self.messages.get(message_id)
        return found if found and self._conversations[found.conversation_id].owner == owner else None

    async def branch(self, message_id: str | None, limit: int) -> list[Message]:
        await self._work("branch")
        branch: list[Message] = []
        while message_id and len(branch) < limit and (found := self.messages.get(message_id)):
            branch.append(found)
            message_id = found.parent_id
        return branch[::-1]

    async def save_progress(self, message_id: str, text: str, reasoning: str) -> None:
        await self._work("save_progress")
        await self.gate.wait()
        self.saved.append(text)
        if (found := self.messages.get(message_id)) and found.status is Status.STREAMING:
            self.messages[message_id] = replace(found, text=text, reasoning=reasoning)

    async def finish(
        self, message_id: str, *, text: str, reasoning: str, status: Status, finish: Finish, error_code: str
    ) -> None:
        await self._work("finish")
        if found := self.messages.get(message_id):
            self.messages[message_id] = replace(
                found,
                text=text,
                reasoning=reasoning,
                status=status,
                finish_reason=finish.reason,
                model=finish.model,
                usage=finish.usage,
                error_code=error_code,
            )

    async def interrupt_streaming(self) -> int:
        await self._work("interrupt_streaming")
        streaming = [message for message in self.messages.values() if message.status is Status.STREAMING]
        for message in streaming:
            self.messages[message.id] = replace(message, status=Status.INTERRUPTED, error_code=Interrupted.code)
        return len(streaming)

    async def _work(self, method: str) -> None:
        await asyncio.sleep(0)
        if method in self.failing:
            raise OSError(f"{method}: the disk is full")


class RemoteLog(MemoryAnswerLog):
    """A log that takes a moment for everything, as one on the other side of a network does.

    Attributes:
        failing: Whether writing raises a ``ConnectionError``.
    """

    failing = False

    async def create(self, answer_id: str, owner: str) -> bool:
        await asyncio.sleep(0)
        return await super().create(answer_id, owner)

    async def owner(self, answer_id: str) -> str | None:
        await asyncio.sleep(0)
        return await super().owner(answer_id)

    async def append(self, answer_id: str, event: AnswerEvent) -> None:
        await asyncio.sleep(0)
        if self.failing:
            raise ConnectionError("the log can't be reached")
        await super().append(answer_id, event)

    async def read(self, answer_id: str, after: int = 0) -> AsyncGenerator[list[Entry], None]:
        async with aclosing(super().read(answer_id, after)) as batches:
            async for batch in batches:
                await asyncio.sleep(0)
                yield batch

    async def stop_requested(self, answer_id: str) -> None:
        await asyncio.sleep(0)
        if self.failing:
            raise ConnectionError("the log can't be reached")
        await super().stop_requested(answer_id)
