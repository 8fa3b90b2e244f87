"""Recovery of answers whose process has crashed: readers get the end, and storage the text that they have read."""

import asyncio
import logging
from contextlib import aclosing

from chat_app.models.answer_record import EndedAnswer
from chat_app.models.content import Content
from chat_app.models.errors import Interrupted, StorageUnavailable
from chat_app.models.events import START, Cursor, Done
from chat_app.models.message import Message, Outcome, Role, Status
from chat_app.models.parts import Part, growth
from chat_app.models.principal import Principal
from chat_app.services.answering.lease_keeper import ensure_writable
from chat_app.services.answering.replay import replay
from chat_app.services.conversations.changes import Changes
from chat_app.services.ports import AnswerLog, Leases, MessageStore

logger = logging.getLogger(__name__)

_AT_ONCE = 8  # answers, fewer than storage's connections
_INTERRUPTED = Outcome(Status.INTERRUPTED, error_code=Interrupted.code)


async def interrupt_abandoned(store: MessageStore, leases: Leases) -> int:
    """Interrupt stored answers that stream without a lease, at the start of the only process. Their text so far stays.

    Returns:
        Their number.

    Raises:
        StorageUnavailable: Storage can't be read or written.
    """
    streaming = await store.all_streaming()
    abandoned = set(streaming) - await leases.held(streaming)
    return await store.interrupt(abandoned) if abandoned else 0


class Recovery:
    """Ends the answers of crashed processes, in each of several processes; a lease decides which one ends an answer.

    An answer counts as abandoned if two checks in a row find no lease: when Redis comes back without its data, the
    running processes acquire theirs again.

    Args:
        interval: Seconds between checks of the logs.
        storage_interval: Seconds between checks of storage, for answers that have no log any more.
    """

    def __init__(
        self,
        store: MessageStore,
        log: AnswerLog,
        leases: Leases,
        changes: Changes,
        *,
        interval: float = 1.0,
        storage_interval: float = 10.0,
    ) -> None:
        self._store = store
        self._log = log
        self._leases = leases
        self._changes = changes
        self._interval = interval
        self._storage_interval = storage_interval
        self._suspected: set[str] = set()
        self._storage_checked = -storage_interval

    async def keep_checking(self) -> None:
        """Check until cancelled."""
        while True:
            try:
                await self.check()
            except StorageUnavailable:  # logged by the writers
                self._suspected.clear()
            except Exception:
                logger.exception("answers of crashed processes can't be ended")
            await asyncio.sleep(self._interval)

    async def check(self) -> None:
        """End the answers that are without a lease since the last check.

        Raises:
            StorageUnavailable: Storage, the log or the leases can't be reached.
        """
        candidates = set(await self._log.unended())
        now = asyncio.get_running_loop().time()
        if now - self._storage_checked >= self._storage_interval:
            candidates.update(await self._store.all_streaming())
            self._storage_checked = now
        candidates |= self._suspected
        suspected = candidates - await self._leases.held(candidates)
        if suspected:  # if leases can't be written, as in a full Redis, those of running processes have expired too
            await ensure_writable(self._leases)
        self._suspected, confirmed = suspected - self._suspected, suspected & self._suspected
        # Several at once: a crash leaves many answers, whose readers wait.
        semaphore = asyncio.Semaphore(_AT_ONCE)
        results = await asyncio.gather(*(self._end_one(each, semaphore) for each in confirmed), return_exceptions=True)
        if errors := [result for result in results if isinstance(result, BaseException)]:
            raise errors[0]

    async def _end_one(self, answer_id: str, semaphore: asyncio.Semaphore) -> None:
        """End an answer, unless another process has its lease."""
        async with semaphore:
            if await self._leases.acquire(answer_id):
                try:
                    await self._end(answer_id)
                except StorageUnavailable:
                    raise
                except Interrupted:  # by its writer, after all, or by another process
                    logger.info("answer %s has ended in the meantime", answer_id)
                except Exception:  # must not keep the other answers from being ended
                    logger.exception("answer %s of a crashed process can't be ended", answer_id)
                finally:
                    await self._leases.release(answer_id)

    async def _end(self, answer_id: str) -> None:
        """Store the longest known text with the log's end, or as interrupted; then bring the log to the stored end."""
        owner = await self._log.owner(answer_id)
        entries = await self._log.entries(answer_id)
        logged = Content()
        for entry in entries:
            logged.apply(entry.event)
        done = entries[-1].event if entries else None
        message = await self._stored(answer_id)
        if message and message.outcome and message.outcome.status is Status.STREAMING:
            parts = max(message.parts, logged.parts, key=_length)
            # Readers may have the end already: a process that stopped while storage was away couldn't store it.
            outcome = done.outcome if isinstance(done, Done) else _INTERRUPTED
            await self._store.finish([EndedAnswer(answer_id, parts, outcome)])
            message = await self._stored(answer_id)
        elif isinstance(done, Done):
            return  # another process has ended it since the check
        if owner:
            await self._end_log(
                answer_id, owner, message or _unstored(logged.parts), entries[-1].cursor if entries else START
            )
        logger.warning("answer %s was ended: its process has crashed", answer_id)

    async def _end_log(self, answer_id: str, owner: Principal, message: Message, cursor: Cursor) -> None:
        for _, event in replay(message, cursor):
            await self._log.append(answer_id, event)
        async with aclosing(self._log.read(answer_id, cursor)) as batches:
            async for _ in batches:  # until the log has the end: the lease is released then
                pass
        self._changes.notify(owner)

    async def _stored(self, answer_id: str) -> Message | None:
        return next(iter(await self._store.branch(answer_id, 1)), None)


def _unstored(parts: tuple[Part, ...]) -> Message:
    """Return an answer outside any conversation in the form of a message."""
    return Message(conversation_id="", role=Role.ASSISTANT, parts=parts, outcome=_INTERRUPTED)


def _length(parts: tuple[Part, ...]) -> tuple[int, int]:
    return len(parts), sum(len(growth(part)) for part in parts)
