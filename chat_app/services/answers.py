"""Starting, following and stopping answers: what the page and ``/stream`` have in common."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, nullcontext

from chat_app.models.errors import Busy, Conflict, NotFound
from chat_app.models.events import Entry
from chat_app.models.message import Status, Turn
from chat_app.services.ai_service import AIService
from chat_app.services.answer_task import AnswerTask
from chat_app.services.ports import AnswerLog, Store
from chat_app.services.replay import replay


class Answers:
    """All answers, running and ended.

    Args:
        max_running: How many may run at once.
        grace: Seconds that an answer outside any conversation goes on without a reader.
    """

    def __init__(self, ai: AIService, log: AnswerLog, store: Store, *, max_running: int, grace: float) -> None:
        self._ai = ai
        self._log = log
        self._store = store
        self._max_running = max_running
        self._grace = grace
        self._running: dict[str, tuple[AnswerTask, asyncio.Task[None]]] = {}

    async def start(
        self, answer_id: str, owner: str, message: str, history: Sequence[Turn] = (), *, saved: bool = False
    ) -> None:
        """Begin an answer, once: an id that this owner has used already is the same answer, however it ended.

        Args:
            saved: Whether a stored message of the same id waits for the text.

        Raises:
            Busy: Too many are running.
            Conflict: The id is someone else's.
        """
        if await self._begun(answer_id, owner):
            return
        self.ensure_room()
        await self._log.create(answer_id, owner)
        events = self._ai.stream_chat(message, history)
        task = AnswerTask(answer_id, events, log=self._log, store=self._store, saved=saved, grace=self._grace)
        running = asyncio.create_task(task.run())
        self._running[answer_id] = task, running
        running.add_done_callback(lambda _: self._running.pop(answer_id))

    def ensure_room(self) -> None:
        """Raises:
        Busy: Too many answers are running for another one to start.
        """
        if len(self._running) >= self._max_running:
            raise Busy(f"{len(self._running)} answers are running")

    async def follow(self, answer_id: str, owner: str, after: int = 0) -> AsyncGenerator[list[Entry], None]:
        """Its entries past position ``after``, in batches as they come, up to and with ``Done``.

        Raises:
            NotFound: There is no such answer, or it is someone else's.
        """
        if await self._log.owner(answer_id) == owner:
            task = self._running.get(answer_id)
            with task[0].reader() if task else nullcontext():
                async with aclosing(self._log.read(answer_id, after)) as batches:
                    async for batch in batches:
                        yield batch
        elif entries := await self._stored(answer_id, owner, after):
            yield entries

    async def stop(self, answer_id: str, owner: str) -> None:
        """Stop it wherever it runs, keeping the text; without effect once it has ended.

        Raises:
            NotFound: There is no such answer, or it is someone else's.
        """
        if await self._log.owner(answer_id) == owner:
            await self._log.request_stop(answer_id)
        else:
            await self._stored(answer_id, owner, 0)

    async def close(self) -> None:
        """Interrupt whatever still runs, and wait until its text is saved."""
        running = list(self._running.values())
        for task, _ in running:
            task.end(Status.INTERRUPTED)
        await asyncio.gather(*(wait for _, wait in running))

    async def _stored(self, answer_id: str, owner: str, after: int) -> list[Entry]:
        message = await self._store.message(owner, answer_id)
        if message is None:
            raise NotFound(f"answer {answer_id}")
        return replay(message, after)

    async def _begun(self, answer_id: str, owner: str) -> bool:
        existing = await self._log.owner(answer_id)
        if existing not in (None, owner):
            raise Conflict(f"answer {answer_id} is someone else's")
        return existing is not None
