"""The logs of all answers in this process's memory."""

import asyncio
from bisect import bisect_right
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from chat_app.models.events import AnswerEvent, Done, Entry, length

# What an entry costs beside its text: the Entry, its event, an int and a str, measured with sys.getsizeof.
ENTRY_OVERHEAD = 200


@dataclass(slots=True)
class _Log:
    owner: str
    entries: list[Entry] = field(default_factory=list)
    size: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    stop: asyncio.Event = field(default_factory=asyncio.Event)


class MemoryAnswerLog:
    """Keeps an ended answer for ``retention`` seconds, and the oldest for less where all of them exceed ``max_bytes``.

    Running answers are never dropped; whoever starts them bounds their number and length.
    """

    def __init__(self, *, retention: float, max_bytes: int = 64 * 1024 * 1024) -> None:
        self._retention = retention
        self._max_bytes = max_bytes
        self._logs: dict[str, _Log] = {}
        self._ended: dict[str, int] = {}

    async def create(self, answer_id: str, owner: str) -> bool:
        if answer_id in self._logs:
            return False
        self._logs[answer_id] = _Log(owner)
        return True

    async def owner(self, answer_id: str) -> str | None:
        log = self._logs.get(answer_id)
        return log.owner if log else None

    async def append(self, answer_id: str, event: AnswerEvent) -> None:
        log = self._logs[answer_id]
        last = log.entries[-1].position if log.entries else 0
        log.entries.append(Entry(last + length(event), event))
        log.size += length(event) + ENTRY_OVERHEAD
        # A fresh Event for the next change wakes each waiting reader exactly once.
        log.changed.set()
        log.changed = asyncio.Event()
        if isinstance(event, Done):
            self._retire(answer_id, log)

    async def read(self, answer_id: str, after: int = 0) -> AsyncGenerator[list[Entry], None]:
        log = self._logs.get(answer_id)
        if log is None:
            return
        index = bisect_right(log.entries, after, key=lambda entry: entry.position)
        while not (index and isinstance(log.entries[index - 1].event, Done)):
            if index == len(log.entries):
                await log.changed.wait()
            batch = log.entries[index:]
            index += len(batch)
            yield batch

    async def request_stop(self, answer_id: str) -> None:
        if log := self._logs.get(answer_id):
            log.stop.set()

    async def stop_requested(self, answer_id: str) -> None:
        await self._logs[answer_id].stop.wait()

    def _retire(self, answer_id: str, log: _Log) -> None:
        self._ended[answer_id] = log.size
        asyncio.get_running_loop().call_later(self._retention, self._drop, answer_id)
        while sum(self._ended.values()) > self._max_bytes and len(self._ended) > 1:
            self._drop(next(iter(self._ended)))

    def _drop(self, answer_id: str) -> None:
        if self._ended.pop(answer_id, None) is not None:
            del self._logs[answer_id]
