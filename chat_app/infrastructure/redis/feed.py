"""The feed: all streams that this process follows, in one blocking read."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager, suppress

from redis.asyncio import Redis
from redis.typing import KeyT, StreamIdT

from chat_app.infrastructure.redis.connection import CALL_TIMEOUT, translating_errors
from chat_app.models.errors import SharedStateUnavailable

logger = logging.getLogger(__name__)

Deliver = Callable[[str, dict[str, str]], None]
"""Takes the id and the fields of an entry. Its exceptions are logged."""

_BLOCK = 5_000  # milliseconds that one read waits at most
_GATHER = 0.005  # seconds between reads, so that one read takes what several writers have added
_BACKOFF = (0.1, 0.2, 0.5, 1.0)  # seconds before another attempt; the last value repeats
_WAKE_INTERVAL = 0.002  # seconds
_REPAIR = 3.0  # seconds after a restart of Redis until all processes have sent their running logs again

BEGINNING = "0"
"""The id to follow a stream from for all of its entries."""


class Feed:
    """Reads the followed streams with one blocking ``XREAD`` (https://redis.io/docs/latest/commands/xread/).

    While Redis can't be reached it tries again with backoff, and goes on after the last delivered entry.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._followed: dict[str, tuple[str, Deliver]] = {}
        self._reads = 0
        self._connection_id = 0
        self._task: asyncio.Task[None] | None = None
        self._wakers: set[asyncio.Task[None]] = set()
        self._failures = 0
        self._is_failing = False
        self._run_id = ""
        self._repaired = 0.0
        self._on_restart: list[Callable[[], None]] = []

    @property
    def is_failing(self) -> bool:
        """True from a failed read until there is a new connection."""
        return self._is_failing

    @property
    def repair_seconds(self) -> float:
        """Seconds until what Redis may have lost in a restart has been sent again."""
        return max(self._repaired - asyncio.get_running_loop().time(), 0.0)

    @property
    def may_lack_logs(self) -> bool:
        """True while other processes may have running logs that Redis doesn't have."""
        return self.repair_seconds > 0

    def on_restart(self, send_again: Callable[[], None]) -> None:
        """Call ``send_again`` when Redis has been restarted, or replaced by a replica: it may have lost data."""
        self._on_restart.append(send_again)

    @contextmanager
    def following(self, stream: str, after: str, deliver: Deliver) -> Iterator[None]:
        """Deliver the entries of ``stream`` past the id ``after`` until the context exits. One follower a stream."""
        self._followed[stream] = after, deliver
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        else:
            self._wake()
        try:
            yield
        finally:
            del self._followed[stream]

    async def close(self) -> None:
        """Stop reading."""
        await cancel_all(self._task, *self._wakers)

    async def _run(self) -> None:
        while True:
            try:
                async with AsyncExitStack() as connected:
                    async with translating_errors():
                        connection = await connected.enter_async_context(self._redis.client())
                        self._connection_id = await connection.client_id()
                        self._note_run((await connection.info("server")).get("run_id", ""))
                    self._is_failing = False
                    await self._read_all(connection)
            except SharedStateUnavailable as error:
                self._is_failing = True
                if not self._failures:
                    # An outage needs no traceback.
                    logger.error("Redis can't be read, answers of other processes stand still: %s", error)  # noqa: TRY400
                await asyncio.sleep(_BACKOFF[min(self._failures, len(_BACKOFF) - 1)])
                self._failures += 1

    def _note_run(self, run_id: str) -> None:
        if self._run_id not in ("", run_id):
            logger.warning("Redis has been restarted, running answers are sent to it again")
            self._repaired = asyncio.get_running_loop().time() + _REPAIR
            for send_again in self._on_restart:
                send_again()
        self._run_id = run_id

    async def _read_all(self, connection: Redis) -> None:
        while True:
            self._reads += 1
            streams: dict[KeyT, StreamIdT] = {stream: after for stream, (after, _) in self._followed.items()}
            async with translating_errors(CALL_TIMEOUT + _BLOCK / 1000):
                found = await connection.xread(streams, block=_BLOCK) if streams else await asyncio.sleep(1, [])
            if self._failures:
                logger.warning("Redis can be read again")
                self._failures = 0
            for stream, entries in found:
                self._deliver(stream, entries)
            if found:
                await asyncio.sleep(_GATHER)

    def _deliver(self, stream: str, entries: list[tuple[str, dict[str, str]]]) -> None:
        if stream not in self._followed:  # it was unfollowed during the read
            return
        _, deliver = self._followed[stream]
        self._followed[stream] = entries[-1][0], deliver
        for entry_id, fields in entries:
            try:
                deliver(entry_id, fields)
            except Exception:  # the other streams go on
                logger.exception("entry %s of %s can't be taken", entry_id, stream)

    def _wake(self) -> None:
        """Unblock the current read, so that the next one includes the new stream."""
        waker = asyncio.create_task(self._unblock(self._reads))
        self._wakers.add(waker)
        waker.add_done_callback(self._wakers.discard)

    async def _unblock(self, reads: int) -> None:
        with suppress(SharedStateUnavailable):  # then the reads fail too, and begin again
            async with translating_errors():
                while not await self._redis.client_unblock(self._connection_id):
                    await asyncio.sleep(_WAKE_INTERVAL)  # the read may not have reached Redis yet
                    if self._reads > reads:
                        return


async def cancel_all(*tasks: asyncio.Task[None] | None) -> None:
    """Cancel tasks and wait for their end, so that their connections return to the pool."""
    running = [task for task in tasks if task]
    for task in running:
        task.cancel()
    if running:
        await asyncio.wait(running)
