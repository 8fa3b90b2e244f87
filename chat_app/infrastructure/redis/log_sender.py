"""Sender of the answer logs that this process writes: new entries of all logs go to Redis in one round trip."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import cast

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import NoScriptError

from chat_app.infrastructure.redis import names
from chat_app.infrastructure.redis.connection import translating_errors
from chat_app.infrastructure.redis.feed import cancel_all
from chat_app.infrastructure.redis.log_copy import Batch, WrittenCopy
from chat_app.models.errors import SharedStateUnavailable
from chat_app.models.principal import Principal
from chat_app.services.ports.leases import LEASE_SECONDS

logger = logging.getLogger(__name__)

_APPEND = Path(__file__).with_name("append.lua").read_text("utf-8")
# Seconds from one sending to the next: more with many answers, so that an entry has several tokens of its answer. The
# cost of an entry, in Redis and in this process, hardly depends on its size.
_GATHER_EACH, _MIN_GATHER, _MAX_GATHER = 0.001, 0.01, 0.05
_BACKOFF = (0.05, 0.1, 0.25, 0.5, 1.0)  # seconds before another attempt; the last value repeats
_LOST = -1


class LogSender:
    """Gathers the new entries of logs and sends them, in one task, which runs only while there are any.

    Args:
        process_id: Returns the id of this process, unique over time.
        retention: Milliseconds that an ended log is kept.
        longest: Milliseconds that a running log is kept at most.

    Attributes:
        written: The logs that this process writes, until Redis has their end or another process has their lease.
    """

    def __init__(self, redis: Redis, process_id: Callable[[], str], *, retention: int, longest: int) -> None:
        self._redis = redis
        self._process_id = process_id
        self._retention = retention
        self._longest = longest
        self.written: dict[str, WrittenCopy] = {}
        self._dirty: dict[str, WrittenCopy] = {}
        self._task: asyncio.Task[None] | None = None
        self._sent = 0.0
        self._is_urgent = asyncio.Event()
        self._failures = 0
        self._script = ""
        self._is_redis_new = False

    @property
    def is_failing(self) -> bool:
        """True if the last sending has failed."""
        return self._failures > 0

    @property
    def _interval(self) -> float:
        """Seconds from one sending to the next."""
        return min(max(_GATHER_EACH * len(self.written), _MIN_GATHER), _MAX_GATHER)

    def send(self, log: WrittenCopy) -> None:
        """Send the log's new entries soon; the first one of a log at once."""
        self._dirty[log.answer_id] = log
        if len(log.entries) == 1:
            self._is_urgent.set()
        self._ensure_task()

    def send_again(self) -> None:
        """Send all logs whole: Redis may have lost them."""
        self._is_redis_new = True
        self._ensure_task()

    async def close(self, max_wait: float) -> None:
        """Send the remaining entries, for at most ``max_wait`` seconds."""
        if self._task:
            await asyncio.wait([self._task], timeout=max_wait)
        await cancel_all(self._task)

    def _ensure_task(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._send_all())

    async def _send_all(self) -> None:
        """Send new entries until there are none left."""
        try:
            while self._dirty or self._is_redis_new:
                await self._gather()
                try:
                    async with translating_errors():
                        if self._is_redis_new:
                            await self._recreate_logs()
                        await self._send(list(self._dirty.values()))
                except Exception as error:  # sent again whatever the error: all answers wait for this task
                    self._failed(error)
                else:
                    if self._failures:
                        logger.warning("Redis can be written again")
                    self._failures = 0
        finally:
            self._task = None

    def _failed(self, error: Exception) -> None:
        if not self._failures:
            # An outage needs no traceback; any other error is a bug.
            cause = None if isinstance(error, SharedStateUnavailable) else error
            logger.error("Redis can't be written, its readers wait: %s", error, exc_info=cause)
        self._failures += 1

    async def _gather(self) -> None:
        """Wait for more entries to send together, unless the last sending is long ago or an answer begins."""
        if self._failures:
            await asyncio.sleep(_BACKOFF[min(self._failures, len(_BACKOFF)) - 1])
        elif (seconds := self._sent + self._interval - monotonic()) > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._is_urgent.wait()
        self._is_urgent.clear()
        self._sent = monotonic()

    async def _recreate_logs(self) -> None:
        """Create the running logs again, and mark them to be sent whole."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for log in self.written.values():
                add_owner(pipe, log.answer_id, log.owner, self._longest)
                if log.entries:
                    log.in_flight = log.batch(0, log.before + 1)
                    self._dirty[log.answer_id] = log
            await pipe.execute()
        self._is_redis_new = False

    async def _send(self, logs: Sequence[WrittenCopy]) -> None:
        """Send one batch of each log in one round trip."""
        if not self._script:
            self._script = await self._redis.script_load(_APPEND)
        batches = [log.next_batch() for log in logs]
        entries = "".join(
            f"{log.head} {batch.first} {batch.last} {int(batch.is_last)}\n{batch.payload}\n"
            for log, batch in zip(logs, batches, strict=True)
        )
        lifetimes = (int(1000 * LEASE_SECONDS), self._longest, self._retention)
        try:
            evaluating = self._redis.evalsha(self._script, 1, names.RUNNING, self._process_id(), *lifetimes, entries)
            replies = await cast("Awaitable[str]", evaluating)  # its type is that of the synchronous client too
        except NoScriptError:  # Redis has been restarted
            self._script = ""
            raise
        for log, batch, last in zip(logs, batches, map(int, replies.split()), strict=True):
            self._take_reply(log, batch, last)

    def _take_reply(self, log: WrittenCopy, batch: Batch, last: int) -> None:
        """Update ``log`` by the reply to ``batch``: the number of the last event that Redis has."""
        if last == _LOST:
            logger.error("answer %s: its lease is lost, another process ends it", log.answer_id)
            log.is_closed = True
        elif last < batch.last:  # Redis has lost data
            log.in_flight = log.batch(max(last - log.before, 0), last + 1)
            return
        else:
            log.in_flight = None
            log.visible = batch.end
        if log.is_closed or log.visible == len(log.entries):
            self._dirty.pop(log.answer_id, None)
        if log.is_closed or log.has_ended:
            self.written.pop(log.answer_id, None)  # its readers go on with it; later ones read from Redis
        log.wake()


def add_owner(pipe: Pipeline, answer_id: str, owner: Principal, longest: int) -> None:
    """Add the commands that create a log to a pipeline; the first one's reply is ``None`` if there is one already.

    Args:
        longest: Milliseconds that a running log is kept at most.
    """
    pipe.set(names.owner(answer_id), owner.key, nx=True, px=longest)
    pipe.sadd(names.RUNNING, answer_id)
