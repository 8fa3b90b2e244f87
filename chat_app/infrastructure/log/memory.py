"""Answer logs in this process's memory."""

import asyncio
from bisect import bisect_right
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from sys import getsizeof

from chat_app.models.events import (
    START,
    AnswerEvent,
    Cursor,
    Done,
    Entry,
    PartEnded,
    PartGrew,
    PartStarted,
    advance,
    rest_of,
)
from chat_app.models.parts import growth
from chat_app.models.principal import Principal

# Bytes, measured with tracemalloc: a log without entries, its timer included; and an entry without its text.
_LOG_OVERHEAD = 2500
_ENTRY_OVERHEAD = 270


@dataclass(slots=True)
class _Log:
    owner: Principal
    entries: list[Entry] = field(default_factory=list)
    size: int = _LOG_OVERHEAD
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def cursor(self) -> Cursor:
        return self.entries[-1].cursor if self.entries else START


class MemoryAnswerLog:
    """Answer logs, kept for ``retention`` seconds after the answer's end, or less where they exceed ``max_bytes``.

    Running answers are never dropped; their number and length are bounded where they are started.
    """

    def __init__(self, *, retention: float, max_bytes: int = 64 * 1024 * 1024) -> None:
        self._retention = retention
        self._max_bytes = max_bytes
        self._logs: dict[str, _Log] = {}
        self._ended: dict[str, asyncio.TimerHandle] = {}
        self._ended_bytes = 0

    async def create(self, answer_id: str, owner: Principal) -> bool:
        if answer_id in self._logs:
            return False
        self._logs[answer_id] = _Log(owner)
        return True

    async def owner(self, answer_id: str) -> Principal | None:
        log = self._logs.get(answer_id)
        return log.owner if log else None

    async def append(self, answer_id: str, event: AnswerEvent) -> None:
        log = self._logs[answer_id]
        log.entries.append(Entry(advance(log.cursor, event), event))
        log.size += _ENTRY_OVERHEAD + _size(event)
        # Wakes the readers that wait now; later ones wait for the next change.
        log.changed.set()
        log.changed.clear()
        if isinstance(event, Done):
            self._retire(answer_id, log)

    async def wait_kept(self, answer_id: str) -> None:
        pass

    async def read(self, answer_id: str, after: Cursor = START) -> AsyncGenerator[list[Entry], None]:
        log = self._logs.get(answer_id)
        if log is None:
            return
        index = bisect_right(log.entries, after, key=lambda entry: entry.cursor)
        while not (index and isinstance(log.entries[index - 1].event, Done)):
            if index == len(log.entries):
                await log.changed.wait()
            batch = log.entries[index:]
            index += len(batch)
            yield [rest_of(batch[0], after), *batch[1:]]
            after = batch[-1].cursor

    async def entries(self, answer_id: str) -> list[Entry]:
        log = self._logs.get(answer_id)
        return list(log.entries) if log else []

    async def unended(self) -> list[str]:
        return [answer_id for answer_id in self._logs if answer_id not in self._ended]

    async def has_readers_elsewhere(self, answer_id: str) -> bool:
        return False

    async def request_stop(self, answer_id: str) -> None:
        if log := self._logs.get(answer_id):
            log.stop.set()

    async def stop_requested(self, answer_id: str) -> None:
        await self._logs[answer_id].stop.wait()

    def _retire(self, answer_id: str, log: _Log) -> None:
        self._ended_bytes += log.size
        self._ended[answer_id] = asyncio.get_running_loop().call_later(self._retention, self._drop, answer_id)
        while self._ended_bytes > self._max_bytes and len(self._ended) > 1:
            self._drop(next(iter(self._ended)))

    def _drop(self, answer_id: str) -> None:
        self._ended.pop(answer_id).cancel()
        self._ended_bytes -= self._logs.pop(answer_id).size


def _size(event: AnswerEvent) -> int:
    """The bytes of the text in ``event``."""
    if isinstance(event, PartGrew):  # fast path: nearly all events
        return getsizeof(growth(event.piece))
    return getsizeof(growth(event.part)) if isinstance(event, PartStarted | PartEnded) else 0
