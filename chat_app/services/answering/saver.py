"""Write-behind of answers: batched progress while they stream, and their ends, retried with backoff until stored."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import Context
from dataclasses import dataclass
from itertools import islice

from chat_app.models.answer_record import EndedAnswer, Progress
from chat_app.models.content import Content
from chat_app.models.errors import StorageUnavailable
from chat_app.models.message import Status
from chat_app.services.ports import MessageStore

logger = logging.getLogger(__name__)

_LARGEST_BATCH = 256  # answers in one transaction
_MAX_SHARE = 0.25  # of the time that saving progress may take
_MAX_REFUSALS = 5  # of one end, while storage is available


@dataclass(slots=True)
class _Streaming:
    """A streaming answer, with the marks of its last save."""

    content: Content
    end: Callable[[Status], None]
    saved_changes: int
    first_unsaved: int  # index of a part


@dataclass(slots=True)
class _Ended:
    """An answer's end to be stored.

    Attributes:
        stored: Resolves to True once the end is stored, to False if storage has another end or has refused this one.
        refusals: How often storage has refused it.
    """

    answer: EndedAnswer
    stored: asyncio.Future[bool]
    refusals: int = 0


class AnswerSaver:
    """Writes answers to storage, in one background task for all of them, which runs only while there is work.

    While storage fails, ends stay in memory and are retried with backoff, without a limit. Their number is bounded by
    the limit on running answers, since no further question can be stored meanwhile. An end that available
    storage refuses is given up after some attempts: the answer is interrupted and keeps its saved text.

    Args:
        interval: Seconds between saves of progress: the text that a crash can lose.
        max_wait: Seconds that ``finish``, ``flush`` and ``close`` wait.
        backoff: Seconds before the retry after the first, second, … failure in a row; the last value repeats.
        timeout: Seconds that one attempt may take.
    """

    def __init__(
        self,
        store: MessageStore,
        *,
        interval: float = 0.25,
        max_wait: float = 2.0,
        backoff: Sequence[float] = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0),
        timeout: float = 30.0,
    ) -> None:
        self._store = store
        self._interval = interval
        self._max_wait = max_wait
        self._backoff = backoff
        self._timeout = timeout
        self._streaming: dict[str, _Streaming] = {}
        self._ended: dict[str, _Ended] = {}
        self._writer: asyncio.Task[None] | None = None
        self._due = asyncio.Event()
        self._attempted = asyncio.Event()
        self._failures = 0  # consecutive
        self._failing_since = 0.0
        self._batch_size = _LARGEST_BATCH
        self._last_save_took = 0.0

    @contextmanager
    def saving(self, answer_id: str, content: Content, *, end: Callable[[Status], None]) -> Iterator[None]:
        """Save the progress of an answer until the context exits.

        Args:
            content: The answer's parts; the initial ones are stored already.
            end: Ends the answer early, as ``STOPPED``, if its conversation has been deleted.
        """
        first = max(content.initial_count - 1, 0)  # the last initial part may grow
        self._streaming[answer_id] = _Streaming(content, end, saved_changes=0, first_unsaved=first)
        self._ensure_writer()
        try:
            yield
        finally:
            self._streaming.pop(answer_id, None)

    async def finish(self, answer: EndedAnswer) -> bool:
        """Store the end of an answer.

        Returns:
            True if it is stored; False after ``max_wait`` seconds, while retries go on, or if storage has another end
            already, from another process.
        """
        stored: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._ended[answer.id] = _Ended(answer, stored)
        self._ensure_writer()
        if not self._failures:
            self._due.set()
        await asyncio.wait([stored], timeout=self._max_wait)
        return stored.done() and stored.result()

    def unsaved(self, answer_id: str) -> EndedAnswer | None:
        """Return the end of an answer that isn't stored yet, else ``None``."""
        ended = self._ended.get(answer_id)
        return ended.answer if ended else None

    async def wait_stored(self, answer_id: str) -> None:
        """Wait until the end of an answer is stored; returns at once if none is pending."""
        if ended := self._ended.get(answer_id):
            await asyncio.wait([ended.stored])

    async def flush(self, answer_id: str) -> None:
        """Retry the end of an answer now, if it is pending.

        Raises:
            StorageUnavailable: It could not be stored.
        """
        if ended := self._ended.get(answer_id):
            self._due.set()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._max_wait):
                    await self._attempted.wait()
            if not ended.stored.done():
                raise StorageUnavailable(f"answer {answer_id} isn't stored yet")

    async def close(self) -> None:
        """Store the pending ends within ``max_wait`` seconds, then give up on the rest."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._max_wait
        while (writer := self._writer) and loop.time() < deadline:
            self._due.set()
            await asyncio.wait([writer], timeout=self._backoff[0])
        if writer := self._writer:
            writer.cancel()
            await asyncio.wait([writer])
        if self._ended:
            logger.error("storage can't be written at the end: %s answers keep what was saved before", len(self._ended))
            self._ended.clear()

    def _ensure_writer(self) -> None:
        if self._writer is None:
            # An empty context: the log would tag records about all answers with the id of the current request.
            self._writer = asyncio.create_task(self._write_until_idle(), context=Context())

    async def _write_until_idle(self) -> None:
        try:
            while self._streaming or self._ended:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._delay()):
                        await self._due.wait()
                self._due.clear()
                await self._write()
        finally:
            self._writer = None

    def _delay(self) -> float:
        if self._failures:
            return self._backoff[min(self._failures, len(self._backoff)) - 1]
        return max(self._interval, self._last_save_took / _MAX_SHARE)

    async def _write(self) -> None:
        try:
            async with asyncio.timeout(self._timeout):
                await self._store_ended()
                await self._save_progress()
        except Exception as error:  # retried whatever the error
            self._failed(error)
        else:
            self._succeeded()
        # Wakes the current waiters alone; later ones wait for the next attempt.
        self._attempted.set()
        self._attempted.clear()

    async def _store_ended(self) -> None:
        while batch := list(islice(self._ended.values(), self._batch_size)):
            try:
                late = await self._store.finish([ended.answer for ended in batch])
            except Exception as error:
                await self._refused(batch, error)
                raise
            self._batch_size = min(2 * self._batch_size, _LARGEST_BATCH)
            for answer_id in late:
                logger.error("answer %s: another process has ended it, its end isn't stored", answer_id)
            for ended in batch:
                self._settle(ended, is_stored=ended.answer.id not in late)

    async def _refused(self, batch: Sequence[_Ended], error: Exception) -> None:
        """Handle a failed batch: a single end that storage refuses must not block the others for long."""
        # Batches of one, the failed ones last.
        self._batch_size = 1
        for ended in batch:
            self._ended[ended.answer.id] = self._ended.pop(ended.answer.id)
        if len(batch) > 1 or isinstance(error, StorageUnavailable | TimeoutError):
            return
        ended = batch[0]
        ended.refusals += 1
        if ended.refusals >= _MAX_REFUSALS:
            await self._store.interrupt([ended.answer.id])
            logger.error("answer %s: storage refuses its end, it keeps what was saved before", ended.answer.id)
            self._settle(ended, is_stored=False)

    def _settle(self, ended: _Ended, *, is_stored: bool) -> None:
        del self._ended[ended.answer.id]
        ended.stored.set_result(is_stored)

    async def _save_progress(self) -> None:
        changed = {
            answer_id: streaming
            for answer_id, streaming in self._streaming.items()
            if streaming.content.changes > streaming.saved_changes
        }
        if not changed:
            return
        marks = {answer_id: (each.content.changes, each.content.count) for answer_id, each in changed.items()}
        progress = [
            Progress(answer_id, each.first_unsaved, each.content.parts[each.first_unsaved :])
            for answer_id, each in changed.items()
        ]
        loop = asyncio.get_running_loop()
        began = loop.time()
        deleted = await self._store.save_progress(progress)
        self._last_save_took = loop.time() - began
        for answer_id, streaming in changed.items():
            streaming.saved_changes, count = marks[answer_id]
            streaming.first_unsaved = count - 1  # the last part may have grown during the save
            if answer_id in deleted:
                streaming.end(Status.STOPPED)

    def _failed(self, error: Exception) -> None:
        if not self._failures:
            self._failing_since = asyncio.get_running_loop().time()
            # An outage needs no traceback; any other error is a bug.
            cause = None if isinstance(error, StorageUnavailable | TimeoutError) else error
            logger.error("storage can't be written, answers are kept in memory: %r", error, exc_info=cause)
        self._failures += 1

    def _succeeded(self) -> None:
        if self._failures:
            seconds = asyncio.get_running_loop().time() - self._failing_since
            logger.warning("storage can be written again, after %.1f s; all answers are stored", seconds)
        self._failures = 0
