"""Answer logs in Redis Streams, a stream for each answer.

The writer's process keeps its logs in memory too. It gathers what all its answers have produced within milliseconds and
sends it in one round trip, one entry an answer. Readers get only what Redis has acknowledged, so that no text that was
read is lost with the process. Readers in the writer's process need no further round trip; those of other processes
share one copy of the log in each process, which the feed fills.
"""

import asyncio
from bisect import bisect_right
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import ExitStack, aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from time import monotonic

from redis.asyncio import Redis

from chat_app.infrastructure.redis import names
from chat_app.infrastructure.redis.connection import translating_errors
from chat_app.infrastructure.redis.feed import BEGINNING, Feed, cancel_all
from chat_app.infrastructure.redis.log_copy import Copy, WrittenCopy
from chat_app.infrastructure.redis.log_sender import LogSender, add_owner
from chat_app.models.errors import Interrupted, SharedStateUnavailable
from chat_app.models.events import START, AnswerEvent, Cursor, Entry, advance, rest_of
from chat_app.models.principal import Principal

_ANNOUNCE_READERS = 3.0  # seconds
_INBOX_LENGTH = 1000  # requests


@dataclass(slots=True)
class _Mirror:
    """A copy of a log that another process writes, while there are readers here."""

    copy: Copy
    readers: int
    following: ExitStack


class RedisAnswerLog:
    """Answer logs in Redis. Implements ``chat_app.services.ports.AnswerLog``.

    Args:
        feed: Delivers the entries of other processes.
        process_id: Returns the id of this process, unique over time.
        retention: Seconds that an ended log is kept.
        longest: Seconds that an answer may run at most.
        patience: Seconds after which readers get an error while Redis can't be reached.
    """

    def __init__(
        self,
        redis: Redis,
        feed: Feed,
        process_id: Callable[[], str],
        *,
        retention: float,
        longest: float,
        patience: float = 3.0,
    ) -> None:
        self._redis = redis
        self._feed = feed
        self._process_id = process_id
        self._longest = int((longest + retention) * 1000)
        self._patience = patience
        self._sender = LogSender(redis, process_id, retention=int(retention * 1000), longest=self._longest)
        self._written = self._sender.written
        self._mirrors: dict[str, _Mirror] = {}
        self._clock: asyncio.Task[None] | None = None
        self._announcer: asyncio.Task[None] | None = None
        self._inbox = ExitStack()

    async def open(self) -> None:
        """Begin to receive requests to stop."""
        self._feed.on_restart(self._sender.send_again)
        self._inbox.enter_context(self._feed.following(names.inbox(self._process_id()), BEGINNING, self._take_request))

    async def close(self) -> None:
        """Send the remaining entries, for at most ``patience`` seconds."""
        await self._sender.close(self._patience)
        await cancel_all(self._announcer, self._clock)
        self._inbox.close()

    async def create(self, answer_id: str, owner: Principal) -> bool:
        async with translating_errors(), self._redis.pipeline() as pipe:
            add_owner(pipe, answer_id, owner, self._longest)
            is_new, _ = await pipe.execute()
        if is_new:
            self._written[answer_id] = WrittenCopy(owner, answer_id=answer_id)
        return bool(is_new)

    async def owner(self, answer_id: str) -> Principal | None:
        if written := self._written.get(answer_id):
            return written.owner
        if (owner := await self._get_owner(answer_id)) or not self._feed.may_lack_logs:
            return owner
        # After a restart of Redis, its log may not be back yet; an answer taken for unknown would be started again.
        await asyncio.sleep(self._feed.repair_seconds)
        return await self._get_owner(answer_id)

    async def _get_owner(self, answer_id: str) -> Principal | None:
        async with translating_errors():
            key = await self._redis.get(names.owner(answer_id))
        if key is None and self._feed.is_failing:
            raise SharedStateUnavailable(f"answer {answer_id} may be another process's")
        return Principal.from_key(key) if key else None

    async def append(self, answer_id: str, event: AnswerEvent) -> None:
        written = self._written.get(answer_id) or await self._adopt(answer_id)
        if written.is_closed:
            raise Interrupted(f"another process ends answer {answer_id}")
        written.entries.append(Entry(advance(written.cursor, event), event))
        self._sender.send(written)

    async def wait_kept(self, answer_id: str) -> None:
        while written := self._written.get(answer_id):
            await written.changed.wait()

    async def read(self, answer_id: str, after: Cursor = START) -> AsyncGenerator[list[Entry], None]:
        if written := self._written.get(answer_id):
            async with aclosing(self._entries(answer_id, written, after)) as batches:
                async for batch in batches:
                    yield batch
                    after = batch[-1].cursor
            if written.has_ended:
                return
        async with self._mirrored(answer_id) as mirror:
            if mirror is None:
                return
            async with aclosing(self._entries(answer_id, mirror, after)) as batches:
                async for batch in batches:
                    yield batch

    async def entries(self, answer_id: str) -> list[Entry]:
        async with translating_errors():
            copy, _ = await self._load(answer_id)
        return copy.entries

    async def unended(self) -> list[str]:
        async with translating_errors():
            answer_ids = [answer_id async for answer_id in self._redis.sscan_iter(names.RUNNING)]
            owners = await self._redis.mget([names.owner(answer_id) for answer_id in answer_ids]) if answer_ids else []
            known = {answer_id for answer_id, owner in zip(answer_ids, owners, strict=True) if owner}
            if gone := set(answer_ids) - known:
                async with self._redis.pipeline(transaction=False) as pipe:
                    pipe.srem(names.RUNNING, *gone)
                    await pipe.execute()
        return sorted(known)

    async def has_readers_elsewhere(self, answer_id: str) -> bool:
        async with translating_errors():
            return bool(await self._redis.exists(names.readers(answer_id)))

    async def request_stop(self, answer_id: str) -> None:
        if written := self._written.get(answer_id):
            written.stop.set()
            return
        async with translating_errors():
            if writer := await self._redis.get(names.lease(answer_id)):
                inbox = names.inbox(writer)
                async with self._redis.pipeline() as pipe:
                    pipe.xadd(inbox, {"stop": answer_id}, maxlen=_INBOX_LENGTH)
                    pipe.pexpire(inbox, self._longest)
                    await pipe.execute()

    async def stop_requested(self, answer_id: str) -> None:
        await self._written[answer_id].stop.wait()

    def _take_request(self, _: str, fields: dict[str, str]) -> None:
        if written := self._written.get(fields.get("stop", "")):
            written.stop.set()

    async def _adopt(self, answer_id: str) -> WrittenCopy:
        """Continue the log of a crashed process, whose lease this one has acquired.

        Raises:
            Interrupted: It doesn't hold the lease, or the log has ended.
        """
        owner = await self.owner(answer_id) or Principal("")
        async with translating_errors():
            if await self._redis.get(names.lease(answer_id)) != self._process_id():
                raise Interrupted(f"another process ends answer {answer_id}")
            copy, last = await self._load(answer_id)
        if copy.has_ended:
            raise Interrupted(f"another process has ended answer {answer_id}")
        count = len(copy.entries)
        written = WrittenCopy(owner, copy.entries, count, answer_id=answer_id, before=last - count)
        self._written[answer_id] = written
        return written

    async def _load(self, answer_id: str) -> tuple[Copy, int]:
        """Read a whole log; returns it with the number of its last event."""
        copy = Copy(Principal(""))
        found = await self._redis.xrange(names.log(answer_id))
        for _, fields in found:
            copy.add(fields)
        return copy, int(found[-1][0].partition("-")[0]) if found else 0

    async def _entries(self, answer_id: str, copy: Copy, after: Cursor) -> AsyncGenerator[list[Entry], None]:
        """Yield the visible entries past ``after``, as they come, until the log ends or is closed."""
        index = 0
        while True:
            index = bisect_right(copy.entries, after, index, copy.visible, key=lambda entry: entry.cursor)
            if index < copy.visible:
                first, *others = copy.entries[index : copy.visible]
                yield [rest_of(first, after), *others]
                after = (others[-1] if others else first).cursor
            elif copy.is_closed or copy.has_ended:
                return
            else:
                await self._wait(answer_id, copy)

    async def _wait(self, answer_id: str, copy: Copy) -> None:
        """Wait for a change of the log, for about ``patience`` seconds at most.

        The caller looks at the log in any case: after a pause of this process, the time may be up although the log has
        changed.

        Raises:
            SharedStateUnavailable: Redis can't be reached.
        """
        if self._clock is None:
            self._clock = asyncio.create_task(self._wake_readers())
        visible, deadline = copy.visible, monotonic() + self._patience
        while monotonic() < deadline:
            await copy.changed.wait()
            if copy.visible != visible or copy.is_closed:
                return
        if (self._sender if isinstance(copy, WrittenCopy) else self._feed).is_failing:
            raise SharedStateUnavailable(f"answer {answer_id} can't be read")
        if not isinstance(copy, WrittenCopy) and await self.owner(answer_id) is None:
            copy.is_closed = True  # Redis has lost its data, and the writer has crashed

    async def _wake_readers(self) -> None:
        """Wake all readers periodically to check their deadlines: a timer for each wait costs more than the wait."""
        try:
            while self._written or self._mirrors:
                await asyncio.sleep(self._patience / 3)
                for copy in (*self._written.values(), *(mirror.copy for mirror in self._mirrors.values())):
                    copy.wake()
        finally:
            self._clock = None

    @asynccontextmanager
    async def _mirrored(self, answer_id: str) -> AsyncIterator[Copy | None]:
        """Follow the log of another process for a reader; ``None`` if there is none."""
        owner = await self.owner(answer_id)
        if owner is None:
            yield None
            return
        mirror = self._mirrors.get(answer_id)
        if mirror is None:
            copy, following = Copy(owner), ExitStack()
            following.enter_context(self._feed.following(names.log(answer_id), BEGINNING, copy.take))
            mirror = self._mirrors[answer_id] = _Mirror(copy, 0, following)
        mirror.readers += 1
        if self._announcer is None:
            self._announcer = asyncio.create_task(self._announce_readers())
        try:
            yield mirror.copy
        finally:
            mirror.readers -= 1
            if not mirror.readers:
                mirror.following.close()
                del self._mirrors[answer_id]

    async def _announce_readers(self) -> None:
        """Keep the ``readers`` flags of the mirrored logs set, while there are any."""
        try:
            while self._mirrors:
                with suppress(SharedStateUnavailable):
                    async with translating_errors(), self._redis.pipeline(transaction=False) as pipe:
                        for answer_id in self._mirrors:
                            pipe.set(names.readers(answer_id), self._process_id(), px=int(3000 * _ANNOUNCE_READERS))
                        await pipe.execute()
                await asyncio.sleep(_ANNOUNCE_READERS)
        finally:
            self._announcer = None
