"""One answer in the making: the task that asks the model, fills the log and saves the text."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Iterator, Sequence
from contextlib import AbstractContextManager, aclosing, contextmanager, nullcontext
from dataclasses import replace
from functools import partial

from chat_app.models.answer_record import EndedAnswer, Report
from chat_app.models.content import Content
from chat_app.models.errors import ChatError, Interrupted
from chat_app.models.events import Done, Failure, ModelEvent, PartEvent, StepEnded
from chat_app.models.message import Message, Outcome, Status, Usage
from chat_app.services.answering.replay import part_events
from chat_app.services.answering.saver import AnswerSaver
from chat_app.services.answering.stopwatch import Stopwatch
from chat_app.services.ports import AnswerLog, Observe

logger = logging.getLogger(__name__)


class AnswerTask:
    """Makes one answer. It belongs to no connection: readers come and go, the task goes on.

    Args:
        message: The stored message that the answer becomes; what it has already comes first. An answer without one is
            in the log only, and ends ``grace`` seconds after its last reader has gone.
        saver: Saves the text while it grows, and the end.
        observe: Told how it went, at its end.
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
        self._saved = message is not None
        self._content = Content(message.parts if message else ())
        self._grace = grace
        self._observe = observe
        self._stopwatch = Stopwatch(message.outcome.duration if message and message.outcome else None)
        self._step = StepEnded("")
        self._usage: Usage | None = None
        self._failure: ChatError | None = None
        self._ended_as: Status | None = None
        self._waiting_for_model = False
        self._making = asyncio.create_task(self._make())
        self._readers = 0
        self._abandonment: asyncio.TimerHandle | None = None
        self._expect_reader()

    async def run(self) -> None:
        """Make the answer up to its ``Done``, whatever happens on the way."""
        stopping = asyncio.create_task(self._stop_when_asked())
        try:
            with self._saving() if self._saved else nullcontext():
                await asyncio.wait([self._making])
        finally:
            self.end(Status.INTERRUPTED)  # without effect, unless it is this task that was cancelled
            stopping.cancel()
            await asyncio.wait([self._making, stopping])
            await self._settle()

    def end(self, status: Status) -> None:
        """End the answer early: the connection to the model closes, the text so far is kept."""
        if self._ended_as or self._making.done():
            return
        self._ended_as = status
        # Cancel only while waiting for the model, never in the middle of an append.
        if self._waiting_for_model:
            self._making.cancel()

    @property
    def readers(self) -> int:
        """How many are reading it."""
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
            self._expect_reader()

    def _expect_reader(self) -> None:
        if not (self._readers or self._saved or self._making.done()):
            loop = asyncio.get_running_loop()
            self._abandonment = loop.call_later(self._grace, self.end, Status.STOPPED)

    async def _make(self) -> None:
        try:
            for event in part_events(self._content.parts, is_open=True):
                await self._log.append(self._id, event)
            async with aclosing(self._events) as events:
                while not self._ended_as and (event := await self._next(events)):
                    if isinstance(event, StepEnded):
                        await self._end_step(event)
                    else:
                        await self._append(self._content.write(event))
        except Exception as error:  # whatever broke, the readers must hear of it
            self._fail(error)

    async def _next(self, events: AsyncGenerator[ModelEvent, None]) -> ModelEvent | None:
        self._waiting_for_model = True
        try:
            return await anext(events, None)
        finally:
            self._waiting_for_model = False

    def _fail(self, error: Exception) -> None:
        self._failure = error if isinstance(error, ChatError) else ChatError()
        level = logging.WARNING if error is self._failure else logging.ERROR
        logger.log(level, "answer %s: %s", self._id, self._failure.code, exc_info=error)

    async def _append(self, events: Sequence[PartEvent]) -> None:
        for happened in events:
            event = self._stopwatch.note(happened)
            self._content.apply(event)
            await self._log.append(self._id, event)

    async def _end_step(self, step: StepEnded) -> None:
        await self._append(self._content.close())
        self._step = step
        self._usage = step.usage if self._usage is None else self._usage + step.usage
        if self._content.count:
            await self._log.append(self._id, step)

    async def _stop_when_asked(self) -> None:
        if await self._attempt(self._log.stop_requested(self._id)):
            self.end(Status.STOPPED)

    def _saving(self) -> AbstractContextManager[None]:
        # The message may be deleted by another process, or have been deleted before there was a log to stop it by.
        on_deleted = partial(self.end, Status.STOPPED)
        return self._saver.saving(self._id, self._content, on_deleted=on_deleted)

    async def _settle(self) -> None:
        """End the answer, in storage first: a reader of ``Done`` finds the message complete, or is told otherwise."""
        await self._attempt(self._append(self._content.close()))
        status, failure = self._ending()
        outcome = Outcome(
            status,
            finish=self._step.finish,
            model=self._step.model,
            usage=self._usage,
            error_code=failure.code if failure else "",
            duration=self._stopwatch.duration,
        )
        done = Done(outcome)
        if self._saved:
            stored = await self._saver.finish(EndedAnswer(self._id, self._content.parts, outcome))
            done = replace(done, stored=stored)
        if failure:
            await self._attempt(
                self._log.append(self._id, Failure(failure.code, failure.retryable, failure.retry_after, failure.param))
            )
        await self._attempt(self._log.append(self._id, done))
        self._observe(Report(answer_id=self._id, outcome=outcome, first_token=self._stopwatch.first_token))

    def _ending(self) -> tuple[Status, ChatError | None]:
        if self._ended_as is Status.STOPPED:
            return Status.STOPPED, None
        if self._ended_as or self._making.cancelled():
            return Status.INTERRUPTED, Interrupted()
        return (Status.FAILED, self._failure) if self._failure else (Status.COMPLETE, None)

    async def _attempt(self, action: Awaitable[None]) -> bool:
        """Await an action on the log; returns whether it worked. A failing log must not keep an answer from storage."""
        try:
            await action
        except Exception:
            logger.exception("answer %s: the log failed", self._id)
            return False
        return True
