"""Start, follow and stop answers, for the page, ``/stream`` and ``/v1`` alike."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, aclosing, nullcontext, suppress
from functools import partial

from chat_app.agent import Ask
from chat_app.models.conversation import Conversation
from chat_app.models.errors import Conflict, Interrupted, NotFound
from chat_app.models.events import END, START, Cursor, Entry, ModelEvent
from chat_app.models.message import Message, Role, Status
from chat_app.models.principal import Principal
from chat_app.models.request import AnswerRequest
from chat_app.services.answering.ai_service import AIService
from chat_app.services.answering.allowance import Allowance
from chat_app.services.answering.lease_keeper import LeaseKeeper
from chat_app.services.answering.replay import cursor_of_lengths, replay
from chat_app.services.answering.saver import AnswerSaver
from chat_app.services.answering.task import AnswerTask
from chat_app.services.ports import AnswerLog, Observe, Store

# Seconds to wait while another request stores the question, and between polls.
_BEGIN_TIMEOUT = 10.0
_BEGIN_INTERVAL = 0.02
_RENEWED = 1.0  # seconds until a running process has renewed its leases
_RELEASE_TIMEOUT = 0.5  # seconds
_RETRY_AFTER = 1.0  # seconds, for questions to a server that is stopping: another one may take them


class Answers:
    """All answers, running and ended.

    Args:
        saver: Saves answers while they stream and as they end.
        grace: Seconds that an answer outside any conversation continues without a reader.
        observe: Called with the report of each answer at its end.
    """

    def __init__(
        self,
        ai: AIService,
        log: AnswerLog,
        store: Store,
        allowance: Allowance,
        *,
        leases: LeaseKeeper,
        saver: AnswerSaver,
        grace: float,
        observe: Observe,
    ) -> None:
        self._ai = ai
        self._log = log
        self._store = store
        self._allowance = allowance
        self._leases = leases
        self._grace = grace
        self._observe = observe
        self._saver = saver
        self._is_closing = False  # no more answers are started
        self._interrupts = False  # running answers are interrupted
        self._running: dict[str, tuple[AnswerTask, asyncio.Task[None]]] = {}
        self._releasing: set[asyncio.Task[None]] = set()

    @property
    def running(self) -> int:
        """The number of answers that are running."""
        return len(self._running)

    @property
    def is_closing(self) -> bool:
        """True once the server shuts down: no more answers are started."""
        return self._is_closing

    @property
    def readers(self) -> int:
        """The number of readers of running answers."""
        return sum(task.readers for task, _ in self._running.values())

    def knows(self, model: str) -> bool:
        """Return True if an agent has this name."""
        return self._ai.knows(model)

    async def start(
        self,
        request: AnswerRequest,
        *,
        stored: Sequence[Message] = (),
        seen: Conversation | None = None,
        new_conversation: Conversation | None = None,
        on_end: Callable[[], None] | None = None,
    ) -> None:
        """Start an answer. Idempotent: the same id from the same caller is the same answer, however it ended.

        Args:
            stored: Messages to store first; the last is the answer's own, and its parts are continued.
                Without any, the answer is in the log only.
            seen: Their conversation as the caller has read it, as for ``MessageStore.add_messages``.
            new_conversation: Stored together with its first messages.
            on_end: Called at the end of this answer, whatever its outcome; never for an answer already started.

        Raises:
            Busy: The conversation has another latest message than ``seen``.
            Busy, TooManyRequests: A limit of the caller, of its network or of all callers is reached.
            Conflict: The id belongs to another caller's answer or, with ``stored``, to any with a log or a lease.
            Interrupted: The server is shutting down.
            NotFound: The messages' conversation has been deleted.
            StorageUnavailable: The messages can't be stored.
        """
        answer_id, caller = request.answer_id, request.caller
        if self._is_closing:
            raise Interrupted("no more answers are started", retry_after=_RETRY_AFTER)
        if await self._begun(answer_id, caller.principal, stored):
            return
        async with AsyncExitStack() as until_end:
            await until_end.enter_async_context(self._allowance.slot(answer_id, caller))
            await self._allowance.count(caller)
            if await self._create(answer_id, caller.principal, stored, seen, new_conversation):
                if on_end:
                    until_end.callback(on_end)
                ask = Ask(messages=request.messages, user=caller.principal, options=request.options)
                events = self._ai.answer(ask, request.model)
                self._run(answer_id, events, stored[-1] if stored else None, until_end.pop_all().aclose)
            else:
                await self.wait_begun(answer_id)
                await self._begun(answer_id, caller.principal, stored)

    async def ensure_saved(self, answer_id: str) -> None:
        """Retry to store the end of an answer now.

        Raises:
            StorageUnavailable: It still can't be stored.
        """
        await self._saver.flush(answer_id)

    async def is_logged(self, answer_id: str) -> bool:
        """Return True if the answer has a log: it is running, or ended within the log's retention."""
        return await self._log.owner(answer_id) is not None

    async def check_log(self) -> None:
        """Read the log, and write a lease.

        Raises:
            SharedStateUnavailable: One of them failed.
        """
        await self.is_logged("")
        await self._leases.ensure_writable()

    async def is_written(self, answer_id: str) -> bool:
        """Return True if a process begins, writes or ends the answer, or if its log still exists."""
        # The lease lasts from before the answer is stored until its end is.
        return await self._leases.is_held(answer_id) or await self.is_logged(answer_id)

    async def wait_begun(self, answer_id: str) -> None:
        """Wait until this answer can be followed, if another request, maybe in another process, is starting it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_BEGIN_TIMEOUT):
                while await self._is_beginning(answer_id):  # noqa: ASYNC110 - perhaps in another process
                    await asyncio.sleep(_BEGIN_INTERVAL)

    async def follow(
        self, answer_id: str, owner: Principal, after: Cursor = START
    ) -> AsyncGenerator[list[Entry], None]:
        """Yield an answer's entries past ``after``, in batches as they come, up to and with ``Done``.

        Raises:
            NotFound: No such answer, or another caller's.
        """
        is_certain = False
        while True:
            if await self._log.owner(answer_id) == owner:
                with self._reader(answer_id):
                    async with aclosing(self._log.read(answer_id, after)) as batches:
                        async for batch in batches:
                            yield batch
                            after = batch[-1].cursor
                if after == END:
                    return
            # With its lease held, an answer lacks a log for moments only, as before it begins.
            if await self._is_beginning(answer_id):
                await self.wait_begun(answer_id)
                continue
            # The log was dropped, before the read or during it: replay from storage.
            message = await self._stored(answer_id, owner)
            if message.status is not Status.STREAMING or is_certain:
                break
            # Redis may have been emptied: then the lease is renewed by now, and the log is back with the next event.
            await asyncio.sleep(_RENEWED)
            is_certain = True
        if entries := replay(message, after):
            yield entries

    async def cursor_of_lengths(self, answer_id: str, owner: Principal, text: int, reasoning: int) -> Cursor:
        """Convert a position of the format before parts: numbers of characters of the text and of the reasoning.

        Raises:
            NotFound: No such answer, or another caller's.
        """
        if await self._log.owner(answer_id) == owner:
            return START  # started after the update: no client has a position of the old format
        return cursor_of_lengths((await self._stored(answer_id, owner)).parts, text, reasoning)

    async def stop(self, answer_id: str, owner: Principal) -> None:
        """Stop an answer wherever it runs. Its text so far stays; no effect once it has ended.

        Raises:
            NotFound: No such answer, or another caller's.
        """
        if await self._log.owner(answer_id) == owner:
            await self._log.request_stop(answer_id)
        else:
            await self._stored(answer_id, owner)

    async def wait_stored(self, answer_id: str) -> None:
        """Wait until the end of an answer is stored, if its ``Done`` had ``stored=False``."""
        await self._saver.wait_stored(answer_id)

    def refuse(self) -> None:
        """Start no more answers; the running ones go on."""
        self._is_closing = True

    async def close(self) -> None:
        """Start no more answers, interrupt the running ones, and wait until their text is saved."""
        self._is_closing = self._interrupts = True
        while running := list(self._running.values()):
            for task, _ in running:
                task.end(Status.INTERRUPTED)
            await asyncio.wait([settled for _, settled in running])
        await self._saver.close()
        if self._releasing:
            await asyncio.wait(self._releasing, timeout=_RELEASE_TIMEOUT)
        for releasing in self._releasing:  # of answers whose end can't be stored or logged: their leases expire
            releasing.cancel()
        await self._leases.close()

    def _run(
        self,
        answer_id: str,
        events: AsyncGenerator[ModelEvent, None],
        message: Message | None,
        on_end: Callable[[], Awaitable[None]],
    ) -> None:
        task = AnswerTask(
            answer_id,
            events,
            log=self._log,
            saver=self._saver,
            message=message,
            grace=self._grace,
            observe=self._observe,
        )
        self._leases.on_loss(answer_id, partial(task.end, Status.INTERRUPTED))
        if self._interrupts:  # after the check in ``start``
            task.end(Status.INTERRUPTED)
        settled = asyncio.create_task(_run_until(task, on_end))
        self._running[answer_id] = task, settled
        settled.add_done_callback(lambda _: self._running.pop(answer_id))
        settled.add_done_callback(lambda _: self._release_lease(answer_id))

    def _release_lease(self, answer_id: str) -> None:
        """Release the lease once the answer's end is stored and logged: until then no other process may end it."""

        async def release() -> None:
            await self._saver.wait_stored(answer_id)
            await self._log.wait_kept(answer_id)
            await self._leases.release(answer_id)

        releasing = asyncio.create_task(release())
        self._releasing.add(releasing)
        releasing.add_done_callback(self._releasing.discard)

    def _reader(self, answer_id: str) -> AbstractContextManager[None]:
        task = self._running.get(answer_id)
        return task[0].reader() if task else nullcontext()

    async def _create(
        self,
        answer_id: str,
        owner: Principal,
        stored: Sequence[Message],
        seen: Conversation | None,
        new_conversation: Conversation | None,
    ) -> bool:
        """Store the messages, if any, and create the log; ``False`` if another request creates it."""
        # The lease comes first: recovery ends answers without one, and readers would wait for a log without a writer.
        if not await self._leases.acquire(answer_id):
            if stored:
                raise Conflict(f"answer {answer_id} is taken")
            return False
        is_created = False
        try:
            if new_conversation:
                await self._store.add_conversation(new_conversation, stored)
            elif stored:
                await self._store.add_messages(stored, seen=seen)
            is_created = await self._log.create(answer_id, owner)
        finally:
            if not is_created:
                await self._leases.release(answer_id)
        return is_created

    async def _is_beginning(self, answer_id: str) -> bool:
        if self._saver.unsaved(answer_id):  # it has ended, and holds its lease until its end is stored
            return False
        return await self._leases.is_held(answer_id) and not await self.is_logged(answer_id)

    async def _begun(self, answer_id: str, owner: Principal, stored: Sequence[Message]) -> bool:
        """Return True if the owner's answer with this id has a log.

        Raises:
            Conflict: As ``start``.
        """
        existing = await self._log.owner(answer_id)
        if existing not in (None, owner) or (existing and stored):
            raise Conflict(f"answer {answer_id} is taken")
        return existing is not None

    async def _stored(self, answer_id: str, owner: Principal) -> Message:
        """Return the stored answer, with its end even while that is still to be stored."""
        message = await self._store.message(owner, answer_id)
        if message is None or message.role is not Role.ASSISTANT:
            raise NotFound(f"answer {answer_id}")
        unsaved = self._saver.unsaved(answer_id)
        return unsaved.applied_to(message) if unsaved else message


async def _run_until(task: AnswerTask, on_end: Callable[[], Awaitable[None]]) -> None:
    try:
        await task.run()
    finally:
        await on_end()
