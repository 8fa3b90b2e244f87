"""The task of one answer: asks the model, writes the log, stores the end, whatever fails."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Iterator
from contextlib import aclosing, contextmanager, nullcontext
from dataclasses import replace

from chat_app.models.answer_record import EndedAnswer, Report
from chat_app.models.errors import ChatError, Interrupted, StorageUnavailable
from chat_app.models.events import Done, Failure, ModelEvent
from chat_app.models.message import Message, Status
from chat_app.services.answering.saver import AnswerSaver
from chat_app.services.answering.writer import AnswerWriter
from chat_app.services.ports import AnswerLog, Observe

logger = logging.getLogger(__name__)


class AnswerTask:
    """Task that writes one answer, independent of connections and readers.

    Args:
        events: The model's events. Closing the generator ends the model's work.
        message: The stored message that the answer becomes; its text so far comes first. Without one, the answer is in
            the log only, and ends ``grace`` seconds after its last reader has left.
        saver: Saves the progress and the end of a stored answer.
        observe: Called with the report of the answer at its end.
    """

    def __init__(
        self,
        answer_id: str,
        events: AsyncGenerator[ModelEvent, None],
        *,
        log: AnswerLog,
        saver: AnswerSaver,
        message: Message | None,
        grace: float,
        observe: Observe,
    ) -> None:
        self._id = answer_id
        self._events = events
        self._log = log
        self._saver = saver
        self._is_stored = message is not None
        self._grace = grace
        self._observe = observe
        self._writer = AnswerWriter(answer_id, log, message)
        self._failure: ChatError | None = None
        self._ended_as: Status | None = None
        self._is_waiting_for_model = False
        self._writing = asyncio.create_task(self._write())
        self._readers = 0
        self._abandonment: asyncio.Task[None] | None = None
        self._schedule_abandonment()

    async def run(self) -> None:
        """Write the answer up to and with its ``Done``."""
        stopping = asyncio.create_task(self._stop_on_request())
        saving = self._saver.saving(self._id, self._writer.content, end=self.end) if self._is_stored else nullcontext()
        try:
            with saving:
                await asyncio.wait([self._writing])
        finally:
            self.end(Status.INTERRUPTED)  # without effect, unless it is this task that was cancelled
            stopping.cancel()
            if self._abandonment:
                self._abandonment.cancel()
            await asyncio.wait([self._writing, stopping])
            await self._finish()

    def end(self, status: Status) -> None:
        """End the answer early: the connection to the model closes, the text so far is kept."""
        if self._ended_as or self._writing.done():
            return
        self._ended_as = status
        # Cancel only while waiting for the model, never in the middle of an append.
        if self._is_waiting_for_model:
            self._writing.cancel()

    @property
    def readers(self) -> int:
        """The number of readers."""
        return self._readers

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
            self._schedule_abandonment()

    def _schedule_abandonment(self) -> None:
        if not (self._readers or self._is_stored or self._writing.done()):
            self._abandonment = asyncio.create_task(self._end_when_abandoned())

    async def _end_when_abandoned(self) -> None:
        while True:
            await asyncio.sleep(self._grace)
            if not await self._has_readers_elsewhere():
                break
        self.end(Status.STOPPED)

    async def _has_readers_elsewhere(self) -> bool:
        try:
            return await self._log.has_readers_elsewhere(self._id)
        except StorageUnavailable:
            return True  # unknown: rather go on than end an answer that is read

    async def _write(self) -> None:
        try:
            await self._writer.begin()
            async with aclosing(self._events) as events:
                while not self._ended_as and (event := await self._next(events)):
                    await self._writer.write(event)
        except Exception as error:  # whatever failed, readers get a failure and the end
            self._failure = error if isinstance(error, ChatError) else ChatError()
            level = logging.WARNING if error is self._failure else logging.ERROR
            # A lost lease needs no traceback.
            cause = None if isinstance(error, Interrupted) else error
            logger.log(level, "answer %s: %s", self._id, self._failure.code, exc_info=cause)

    async def _next(self, events: AsyncGenerator[ModelEvent, None]) -> ModelEvent | None:
        self._is_waiting_for_model = True
        try:
            return await anext(events, None)
        finally:
            self._is_waiting_for_model = False

    async def _stop_on_request(self) -> None:
        if await self._attempt(self._log.stop_requested(self._id)):
            self.end(Status.STOPPED)

    async def _finish(self) -> None:
        """Store the end, then log it: ``Done`` says whether the message is stored."""
        await self._attempt(self._writer.close())
        status, failure = self._ending()
        outcome = self._writer.outcome(status, failure.code if failure else "")
        done = Done(outcome)
        if self._is_stored:
            is_stored = await self._saver.finish(EndedAnswer(self._id, self._writer.content.parts, outcome))
            done = replace(done, stored=is_stored)
        if failure:
            entry = Failure(failure.code, failure.retryable, failure.retry_after, failure.param)
            await self._attempt(self._writer.append(entry))
        await self._attempt(self._writer.append(done))
        self._observe(Report(answer_id=self._id, outcome=outcome, first_token=self._writer.first_token))

    def _ending(self) -> tuple[Status, ChatError | None]:
        if self._ended_as is Status.STOPPED:
            return Status.STOPPED, None
        # The log raises ``Interrupted`` if another process has acquired the lease and ends the answer.
        if self._ended_as or self._writing.cancelled() or isinstance(self._failure, Interrupted):
            return Status.INTERRUPTED, Interrupted()
        return (Status.FAILED, self._failure) if self._failure else (Status.COMPLETE, None)

    async def _attempt(self, action: Awaitable[None]) -> bool:
        """Await an action on the log; return True if it worked. A failing log must not keep an answer from storage."""
        try:
            await action
        except ChatError as error:
            logger.warning("answer %s: the log failed: %s", self._id, error)
            return False
        except Exception:
            logger.exception("answer %s: the log failed", self._id)
            return False
        return True
