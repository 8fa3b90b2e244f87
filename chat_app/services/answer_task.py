"""One answer in the making: the task that asks the model, fills the log and saves the text."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Iterator
from contextlib import aclosing, contextmanager

from chat_app.models.errors import ChatError, Interrupted
from chat_app.models.events import AnswerEvent, Done, Failure, Finish, ModelEvent
from chat_app.models.message import Status
from chat_app.services.draft import Draft
from chat_app.services.ports import AnswerLog, Store

logger = logging.getLogger(__name__)

SAVE_INTERVAL = 1.0  # seconds


class AnswerTask:
    """Makes one answer. It belongs to no connection: readers come and go, the task goes on.

    Args:
        saved: Whether the answer is a stored message. One that isn't ends ``grace`` seconds after its last reader
            has gone.
    """

    def __init__(
        self,
        answer_id: str,
        events: AsyncGenerator[ModelEvent, None],
        *,
        log: AnswerLog,
        store: Store,
        saved: bool,
        grace: float,
    ) -> None:
        self._id = answer_id
        self._events = events
        self._log = log
        self._store = store
        self._saved = saved
        self._grace = grace
        self._draft = Draft()
        self._finish = Finish("")
        self._readers = 0
        self._abandonment: asyncio.TimerHandle | None = None
        self._making = asyncio.create_task(self._make())
        self._ended_as: Status | None = None

    async def run(self) -> None:
        """Make the answer up to its ``Done``, whatever happens on the way."""
        stopping = asyncio.create_task(self._stop_when_asked())
        saving = asyncio.create_task(self._save_regularly())
        self._expect_reader()
        try:
            status = await self._making
        except asyncio.CancelledError:
            status = await self._ended_early()
        stopping.cancel()
        saving.cancel()
        await self._settle(status)

    def end(self, status: Status) -> None:
        """End the answer early: the connection to the model closes, the text so far is kept."""
        if not self._ended_as:
            self._ended_as = status
            self._making.cancel()

    @contextmanager
    def reader(self) -> Iterator[None]:
        """Count a reader for as long as it reads."""
        self._readers += 1
        if self._abandonment:
            self._abandonment.cancel()
        try:
            yield
        finally:
            self._readers -= 1
            self._expect_reader()

    async def _make(self) -> Status:
        try:
            async with aclosing(self._events) as events:
                async for event in events:
                    if isinstance(event, Finish):
                        self._finish = event
                    else:
                        await self._append(event)
        except Exception as error:  # whatever broke, the readers must hear of it
            return await self._fail(error)
        return Status.COMPLETE

    async def _fail(self, error: Exception) -> Status:
        expected = isinstance(error, ChatError)
        known = error if isinstance(error, ChatError) else ChatError()
        logger.log(
            logging.WARNING if expected else logging.ERROR, "answer %s: %s", self._id, known.code, exc_info=error
        )
        await self._append(Failure(known.code, known.retryable, known.retry_after))
        return Status.FAILED

    async def _ended_early(self) -> Status:
        status = self._ended_as or Status.INTERRUPTED
        if status is Status.INTERRUPTED:
            await self._append(Failure(Interrupted.code, Interrupted.retryable))
        return status

    async def _append(self, event: AnswerEvent) -> None:
        self._draft.add(event)
        await self._log.append(self._id, event)

    async def _stop_when_asked(self) -> None:
        await self._log.stop_requested(self._id)
        self.end(Status.STOPPED)

    async def _save_regularly(self) -> None:
        saved = 0
        while self._saved:
            await asyncio.sleep(SAVE_INTERVAL)
            if self._draft.pieces > saved:
                saved = self._draft.pieces
                await self._attempt(self._store.save_progress(self._id, self._draft.text, self._draft.reasoning))

    async def _settle(self, status: Status) -> None:
        """Storage first: who sees ``Done`` finds the message complete."""
        if self._saved:
            await self._attempt(
                self._store.finish(
                    self._id,
                    text=self._draft.text,
                    reasoning=self._draft.reasoning,
                    status=status,
                    finish=self._finish,
                    error_code=self._draft.error_code,
                )
            )
        await self._log.append(self._id, Done(status, self._finish))

    async def _attempt(self, saving: Awaitable[None]) -> None:
        """A storage that fails costs the copy, not the answer that people are reading."""
        try:
            await saving
        except Exception:
            logger.exception("answer %s could not be saved", self._id)

    def _expect_reader(self) -> None:
        if not (self._readers or self._saved):
            loop = asyncio.get_running_loop()
            self._abandonment = loop.call_later(self._grace, self.end, Status.STOPPED)
