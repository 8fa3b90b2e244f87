"""Fakes of the ports, in memory and controlled by a test."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from unicodedata import normalize

from chat_app.agent import Agent, Agents
from chat_app.infrastructure.log.leases import MemoryLeases
from chat_app.infrastructure.log.memory import MemoryAnswerLog
from chat_app.infrastructure.log.slots import MemorySlots
from chat_app.infrastructure.security.rate_limiter import RateLimiter
from chat_app.models.answer_record import EndedAnswer, Progress, Report
from chat_app.models.conversation import (
    Conversation,
    ConversationSettings,
    ListCursor,
    ListedConversation,
    SearchHit,
)
from chat_app.models.errors import (
    Busy,
    Conflict,
    FileRefused,
    Interrupted,
    NotFound,
    SharedStateUnavailable,
    StorageUnavailable,
)
from chat_app.models.events import START, AnswerEvent, Cursor, Entry, ModelEvent, StepEnded
from chat_app.models.file_content import FileContent, Page, Picture
from chat_app.models.files import StoredFile
from chat_app.models.listed_model import UNKNOWN_ABILITIES
from chat_app.models.message import Message, Outcome, Rating, Role, Status, Turn, now
from chat_app.models.parts import File, Part, Reasoning, Text
from chat_app.models.principal import Principal
from chat_app.models.request import DEFAULT_OPTIONS, Options
from chat_app.services.answering.ai_service import model_agent
from chat_app.services.answering.allowance import Allowance, Limits
from chat_app.services.answering.saver import AnswerSaver
from chat_app.services.files.files import FileLimits, Files
from chat_app.services.ports import FileContents, FileStore, Provider
from chat_app.services.ports.slots import Group
from tests.clock import Clock


async def until(condition: Callable[[], object]) -> None:
    """Poll until a condition is true."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - any condition, not only one that sets an Event
            await asyncio.sleep(0.001)


class ScriptedProvider:
    """A model that streams the pieces given by the test. Implements ``services.ports.Provider``.

    Attributes:
        calls: The turns of each answer asked for.
        options: The options of each.
        open: The number of running answers.
        learned: As in ``Provider``.
    """

    def __init__(self) -> None:
        self.learned = UNKNOWN_ABILITIES
        self.calls: list[list[Turn]] = []
        self.options: list[Options] = []
        self.open = 0
        self._script: asyncio.Queue[ModelEvent | Exception] = asyncio.Queue()

    def say(self, *pieces: str | ModelEvent) -> None:
        """Stream these pieces next; a string is a ``Text``."""
        for piece in pieces:
            self._script.put_nowait(Text(piece) if isinstance(piece, str) else piece)

    def finish(self, reason: str = "stop") -> None:
        self.say(StepEnded(reason, "scripted"))

    def fail(self, error: Exception) -> None:
        self._script.put_nowait(error)

    async def stream(
        self, turns: Sequence[Turn], options: Options = DEFAULT_OPTIONS
    ) -> AsyncGenerator[ModelEvent, None]:
        self.calls.append(list(turns))
        self.options.append(options)
        self.open += 1
        try:
            while True:
                event = await self._script.get()
                if isinstance(event, Exception):
                    raise event
                yield event
                if isinstance(event, StepEnded):
                    return
        finally:
            self.open -= 1


def agents_of(provider: Provider, *others: Agent) -> Agents:
    """The model of ``provider``, named "scripted", and other agents."""
    return Agents(model_agent("scripted", provider), others)


class RemoteRateLimiter(RateLimiter):
    """A rate limiter with a clock that a test sets, and with the latency of a network.

    Attributes:
        failing: It can't be reached.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.failing = False
        super().__init__(self.clock)

    async def wait_for(self, times: int, seconds: int, *counter: str) -> float:
        await asyncio.sleep(0)
        if self.failing:
            raise SharedStateUnavailable
        return await super().wait_for(times, seconds, *counter)

    async def count(self, times: int, seconds: int, *counter: str) -> bool:
        await asyncio.sleep(0)
        if self.failing:
            raise SharedStateUnavailable
        return await super().count(times, seconds, *counter)


class RemoteSlots(MemorySlots):
    """Slots with the latency of a network."""

    async def acquire(self, holder: str, limits: Mapping[Group, int]) -> Group | None:
        await asyncio.sleep(0)
        return await super().acquire(holder, limits)

    async def release(self, holder: str) -> None:
        await asyncio.sleep(0)
        await super().release(holder)


def ignore(_: Report) -> None:
    """An ``Observe`` without effect."""


def allowance(at_once: int) -> Allowance:
    """An allowance of ``at_once`` running answers in all, otherwise practically unlimited."""
    plenty = Limits(*[1_000_000] * 4)
    return Allowance(RemoteSlots(), RemoteRateLimiter(), at_once=replace(plenty, in_all=at_once), per_minute=plenty)


class FakeContents:
    """Contents of files in a dictionary. Implements ``services.ports.FileContents``.

    Attributes:
        stored: The contents by name.
        is_away: Whether each method raises ``StorageUnavailable``.
    """

    def __init__(self) -> None:
        self.stored: dict[str, bytes] = {}
        self.is_away = False

    async def put(self, name: str, content: bytes) -> None:
        await self._work()
        self.stored[name] = content

    async def get(self, name: str) -> bytes | None:
        await self._work()
        return self.stored.get(name)

    async def delete(self, name: str) -> None:
        await self._work()
        self.stored.pop(name, None)

    async def _work(self) -> None:
        await asyncio.sleep(0)
        if self.is_away:
            raise StorageUnavailable("away")


FILE_LIMITS = FileLimits(file_bytes=1_000_000, files=3, message_bytes=2_000_000, quota=5_000_000)


def files_in(store: FileStore, contents: FileContents | None = None, limits: FileLimits = FILE_LIMITS) -> Files:
    """The files of a store, read by the fake reader."""
    return Files(store, contents or FakeContents(), FakeFileReader(), RateLimiter(), limits)


class FakeStore:
    """A store in dictionaries, with the latency of a database. Implements ``services.ports.Store``.

    Attributes:
        messages: All messages of all conversations.
        saved: The texts of answers as ``save_progress`` left them.
        progress: The arguments of ``save_progress``.
        failing: Names of methods that raise ``StorageUnavailable``.
        attempts: The number of failures of each.
        refused: Ids of answers whose end alone is refused.
        gate: While cleared, ``save_progress`` waits.
    """

    def __init__(self) -> None:
        self.messages: dict[str, Message] = {}
        self.saved: list[str] = []
        self.progress: list[Progress] = []
        self.failing: set[str] = set()
        self.attempts = Counter[str]()
        self.refused: set[str] = set()
        self.gate = asyncio.Event()
        self.gate.set()
        self._conversations: dict[str, Conversation] = {}
        self._deleted_at: dict[str, datetime] = {}
        self._files: dict[str, StoredFile] = {}

    async def add_conversation(self, conversation: Conversation, messages: Sequence[Message] = ()) -> None:
        await self._work("add_conversation")
        if conversation.id in self._conversations or self.messages.keys() & {message.id for message in messages}:
            raise Conflict
        self._conversations[conversation.id] = replace(
            conversation,
            title=_storable(conversation.title),
            created_at=conversation.created_at.astimezone(UTC),
            updated_at=conversation.updated_at.astimezone(UTC),
        )
        self.messages |= {message.id: message for message in messages}
        self._claim_files(messages)

    async def conversation(self, owner: Principal, conversation_id: str) -> Conversation | None:
        await self._work("conversation")
        return self._own(owner, conversation_id)

    async def conversations(
        self, owner: Principal, limit: int | None, before: ListCursor | None = None, *, pinned: bool = False
    ) -> list[ListedConversation]:
        await self._work("conversations")
        listed = [found for found in self._all(owner) if found.is_pinned is pinned]
        after = [found for found in listed if before is None or found.list_cursor < before]
        answering = {self.messages[answer_id].conversation_id for answer_id in await self.streaming(owner)}
        return [ListedConversation(found, found.id in answering) for found in after[:limit]]

    async def search(self, owner: Principal, words: Sequence[str], limit: int) -> list[SearchHit]:
        await self._work("search")
        matches: list[SearchHit] = []
        for conversation in self._all(owner):
            found = [message for message in await self.tree(conversation.id) if _has_all(message.text, words)]
            if found:
                newest = max(found, key=_age)
                matches.append(SearchHit(conversation, newest.id, newest.text))
            elif _has_all(conversation.title, words):
                matches.append(SearchHit(conversation, None, conversation.title))
        return matches[:limit]

    async def rename(self, owner: Principal, conversation_id: str, title: str) -> bool:
        return await self._change("rename", owner, conversation_id, title=title, is_titled=True)

    async def suggest_title(self, owner: Principal, conversation_id: str, title: str) -> bool:
        found = self._own(owner, conversation_id)
        if found is None or found.is_titled:
            return False
        return await self._change("suggest_title", owner, conversation_id, title=title, is_titled=True)

    async def pin(self, owner: Principal, conversation_id: str, is_pinned: bool) -> bool:
        return await self._change("pin", owner, conversation_id, is_pinned=is_pinned)

    async def change_settings(self, owner: Principal, conversation_id: str, settings: ConversationSettings) -> bool:
        return await self._change("change_settings", owner, conversation_id, settings=settings)

    async def switch_branch(self, conversation_id: str, message_id: str) -> None:
        await self._work("switch_branch")
        if found := self._conversations.get(conversation_id):
            self._conversations[conversation_id] = replace(found, latest_id=message_id)

    async def delete_conversation(self, owner: Principal, conversation_id: str) -> bool:
        await self._work("delete_conversation")
        if self._own(owner, conversation_id) is None:
            return False
        self._deleted_at[conversation_id] = now()
        return True

    async def restore_conversation(self, owner: Principal, conversation_id: str) -> bool:
        await self._work("restore_conversation")
        found = self._conversations.get(conversation_id)
        return bool(found and found.owner == owner and self._deleted_at.pop(conversation_id, None))

    async def delete_all(self, owner: Principal) -> None:
        await self._work("delete_all")
        self._drop({key for key, found in self._conversations.items() if found.owner == owner})

    async def purge(self, deleted_before: datetime) -> int:
        await self._work("purge")
        old = {key for key, deleted_at in self._deleted_at.items() if deleted_at < deleted_before}
        self._drop(old)
        return len(old)

    async def add_messages(self, messages: Sequence[Message], *, seen: Conversation | None = None) -> None:
        await self._work("add_messages")
        latest = messages[-1]
        conversation = self._conversations.get(latest.conversation_id)
        if conversation is None or conversation.id in self._deleted_at:
            raise NotFound
        if seen and seen.latest_id != conversation.latest_id:
            raise Busy
        if self.messages.keys() & {message.id for message in messages}:
            raise Conflict
        self.messages |= {message.id: message for message in messages}
        self._conversations[conversation.id] = replace(conversation, latest_id=latest.id, updated_at=latest.created_at)
        self._claim_files(messages)

    async def add_file(self, file: StoredFile, *, quota: int) -> None:
        await self._work("add_file")
        if sum(each.size for each in self._files.values() if each.owner == file.owner) + file.size > quota:
            raise FileRefused("quota", max=quota // 1_000_000)
        self._files[file.id] = file

    async def files(self, owner: Principal, file_ids: Collection[str]) -> list[StoredFile]:
        await self._work("files")
        return [file for file in self._files.values() if file.owner == owner and file.id in file_ids]

    async def delete_file(self, owner: Principal, file_id: str) -> bool:
        await self._work("delete_file")
        file = self._files.get(file_id)
        is_own = file is not None and file.owner == owner and file.conversation_id is None
        return is_own and bool(self._files.pop(file_id))

    async def purge_files(self, unsent_before: datetime) -> list[str]:
        await self._work("purge_files")
        purged = [
            file.id
            for file in self._files.values()
            if (file.created_at < unsent_before if file.conversation_id is None else self._is_gone(file))
        ]
        for file_id in purged:
            del self._files[file_id]
        return purged

    def _is_gone(self, file: StoredFile) -> bool:
        return file.conversation_id not in self._conversations

    def _claim_files(self, messages: Sequence[Message]) -> None:
        for message in messages:
            owner = self._conversations[message.conversation_id].owner
            for part in message.parts:
                file = self._files.get(part.file_id) if isinstance(part, File) else None
                if file and file.owner == owner and file.conversation_id is None:
                    self._files[file.id] = replace(file, conversation_id=message.conversation_id)

    async def message(self, owner: Principal, message_id: str) -> Message | None:
        await self._work("message")
        found = self.messages.get(message_id)
        return found if found and self._own(owner, found.conversation_id) else None

    async def branch(self, message_id: str | None, limit: int | None) -> list[Message]:
        await self._work("branch")
        branch: list[Message] = []
        while message_id and (found := self.messages.get(message_id)):
            branch.append(found)
            message_id = found.parent_id
        return branch[:limit][::-1]

    async def depth(self, message_id: str, leaf_id: str | None) -> int | None:
        branch = [message.id for message in await self.branch(leaf_id, None)]
        return len(branch) - branch.index(message_id) if message_id in branch else None

    async def tree(self, conversation_id: str) -> list[Message]:
        await self._work("tree")
        return [message for message in self.messages.values() if message.conversation_id == conversation_id]

    async def replies(self, conversation_id: str, parent_ids: Collection[str | None]) -> dict[str | None, list[str]]:
        tree = [
            message
            for message in sorted(await self.tree(conversation_id), key=_age)
            if message.parts or message.status is not Status.FAILED
        ]
        replies = {wanted: [found.id for found in tree if found.parent_id == wanted] for wanted in parent_ids}
        return {wanted: found for wanted, found in replies.items() if found}

    async def newest_leaf(self, message_id: str) -> str:
        await self._work("newest_leaf")
        parent_ids = {message.parent_id for message in self.messages.values()}
        leaves = [message for message in self.messages.values() if message.id not in parent_ids]
        below = [leaf for leaf in leaves if any(one.id == message_id for one in await self.branch(leaf.id, None))]
        return max(below, key=_age).id if below else message_id

    async def rate(self, owner: Principal, message_id: str, rating: Rating, comment: str) -> bool:
        found = await self.message(owner, message_id)
        if found is None or found.role is not Role.ASSISTANT:
            return False
        self.messages[message_id] = replace(found, rating=rating, comment=comment)
        return True

    async def streaming(self, owner: Principal, conversation_id: str | None = None) -> list[str]:
        await self._work("streaming")
        ids = {found.id for found in self._all(owner) if conversation_id in (None, found.id)}
        return [
            message.id
            for message in self.messages.values()
            if message.status is Status.STREAMING and message.conversation_id in ids
        ]

    async def save_progress(self, answers: Sequence[Progress]) -> Collection[str]:
        await self._work("save_progress")
        await self.gate.wait()
        self.progress += answers
        kept = {key for key, found in self.messages.items() if found.conversation_id not in self._deleted_at}
        for each in answers:
            if each.id in kept and (found := self.messages[each.id]).status is Status.STREAMING:
                parts = (*found.parts[: each.first], *map(_storable_part, each.parts))
                self.messages[each.id] = replace(found, parts=parts)
                self.saved.append(self.messages[each.id].text)
        return {each.id for each in answers} - kept

    async def finish(self, answers: Sequence[EndedAnswer]) -> Collection[str]:
        await self._work("finish")
        if self.refused & {each.id for each in answers}:
            raise ValueError("a value that storage refuses")
        late: set[str] = set()
        for each in answers:
            if (found := self.messages.get(each.id)) and found.status is Status.STREAMING:
                self.messages[each.id] = each.applied_to(found)
            elif found and found.outcome != each.outcome:
                late.add(each.id)
        return late

    async def check_writable(self) -> None:
        await self._work("check_writable")

    async def all_streaming(self) -> list[str]:
        await self._work("all_streaming")
        return [message.id for message in self.messages.values() if message.status is Status.STREAMING]

    async def interrupt(self, answer_ids: Collection[str]) -> int:
        await self._work("interrupt")
        streaming = [message for message in self.messages.values() if message.status is Status.STREAMING]
        interrupted = [message for message in streaming if message.id in answer_ids]
        for message in interrupted:
            outcome = Outcome(Status.INTERRUPTED, error_code=Interrupted.code)
            self.messages[message.id] = replace(message, outcome=outcome)
        return len(interrupted)

    def _all(self, owner: Principal) -> list[Conversation]:
        """The owner's conversations without the deleted ones, the most recently used first."""
        found = [found for key, found in self._conversations.items() if self._own(owner, key)]
        return sorted(found, key=lambda conversation: conversation.list_cursor, reverse=True)

    def _own(self, owner: Principal, conversation_id: str) -> Conversation | None:
        found = self._conversations.get(conversation_id)
        return found if found and found.owner == owner and conversation_id not in self._deleted_at else None

    def _drop(self, conversation_ids: Collection[str]) -> None:
        for conversation_id in conversation_ids:
            del self._conversations[conversation_id]
            self._deleted_at.pop(conversation_id, None)
        self.messages = {
            key: message for key, message in self.messages.items() if message.conversation_id not in conversation_ids
        }

    async def _change(self, method: str, owner: Principal, conversation_id: str, **values: object) -> bool:
        await self._work(method)
        if found := self._own(owner, conversation_id):
            self._conversations[conversation_id] = replace(found, **values)
        return found is not None

    async def _work(self, method: str) -> None:
        await asyncio.sleep(0)
        if method in self.failing:
            self.attempts[method] += 1
            raise StorageUnavailable(f"{method}: the disk is full")


def _age(message: Message) -> tuple[datetime, str]:
    """Sort key of messages, the oldest first."""
    return message.created_at, message.id


def _has_all(text: str, words: Sequence[str]) -> bool:
    normalized = normalize("NFC", text).casefold()
    return all(normalize("NFC", word).casefold() in normalized for word in words)


def _storable(text: str) -> str:
    """Return the text without characters that a database can't store."""
    return re.sub("[\0\ud800-\udfff]", "\ufffd", text)


def _storable_part(part: Part) -> Part:
    return replace(part, text=_storable(part.text)) if isinstance(part, Text | Reasoning) else part


def make_saver(store: FakeStore, *, interval: float = 0.01, max_wait: float = 0.2) -> AnswerSaver:
    """A saver with a short backoff."""
    return AnswerSaver(store, interval=interval, max_wait=max_wait, backoff=(0.01, 0.02))


class LosableLeases(MemoryLeases):
    """Leases that a test takes away.

    Attributes:
        lost: The ids of answers whose lease another process holds.
        failing: True if leases can't be reached.
        bug: The error that renewing them raises.
    """

    failing = False
    bug: Exception | None = None

    def __init__(self) -> None:
        super().__init__()
        self.lost: set[str] = set()

    async def acquire(self, answer_id: str) -> bool:
        if self.failing:
            raise SharedStateUnavailable
        return await super().acquire(answer_id)

    async def renew(self, answer_ids: Collection[str]) -> set[str]:
        if self.failing:
            raise StorageUnavailable
        if self.bug:
            raise self.bug
        return await super().renew(answer_ids) - self.lost


class RemoteLog(MemoryAnswerLog):
    """An answer log with the latency of a network.

    Attributes:
        failing: True if writing raises a ``ConnectionError``.
    """

    failing = False

    async def create(self, answer_id: str, owner: Principal) -> bool:
        await asyncio.sleep(0)
        return await super().create(answer_id, owner)

    async def owner(self, answer_id: str) -> Principal | None:
        await asyncio.sleep(0)
        return await super().owner(answer_id)

    async def append(self, answer_id: str, event: AnswerEvent) -> None:
        await asyncio.sleep(0)
        if self.failing:
            raise ConnectionError("the log can't be reached")
        await super().append(answer_id, event)

    async def read(self, answer_id: str, after: Cursor = START) -> AsyncGenerator[list[Entry], None]:
        async with aclosing(super().read(answer_id, after)) as batches:
            async for batch in batches:
                await asyncio.sleep(0)
                yield batch

    async def stop_requested(self, answer_id: str) -> None:
        await asyncio.sleep(0)
        if self.failing:
            raise ConnectionError("the log can't be reached")
        await super().stop_requested(answer_id)


class FakeFileReader:
    """A reader of PNG pictures, text, and PDFs whose pages are text between form feeds.

    Implements ``services.ports.FileReader``.

    Attributes:
        failing: Raised by the next calls, if set.
    """

    def __init__(self) -> None:
        self.failing: FileRefused | None = None

    async def read(self, content: bytes, name: str = "") -> FileContent:
        await asyncio.sleep(0)
        if self.failing:
            raise self.failing
        if not content:
            raise FileRefused("empty")
        if content.startswith(b"\x89PNG"):
            picture = Picture(content, "image/png", *(int.from_bytes(content[at : at + 4]) for at in (16, 20)))
            return FileContent("image/png", picture=picture, thumbnail=picture)
        if content.startswith(b"%PDF-"):
            texts = content.partition(b"\n")[2].decode().split("\f")
            return FileContent("application/pdf", tuple(Page(number, text) for number, text in enumerate(texts, 1)))
        if b"\0" in content:
            raise FileRefused("unsupported")
        return FileContent("text/csv" if name.endswith(".csv") else "text/plain", (Page(1, content.decode()),))

    async def page_pictures(self, content: bytes, limit: int) -> list[Picture]:
        read = await self.read(content)
        if read.media_type != "application/pdf":
            raise FileRefused("unsupported")
        return [Picture(b"\xff\xd8 page", "image/jpeg", 1240, 1754) for _ in read.pages[:limit]]
