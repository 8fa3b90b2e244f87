"""The leases and slots of the answers that run in this process."""

import asyncio
import logging
from collections.abc import Callable

from chat_app.models.errors import StorageUnavailable
from chat_app.services.ports import Leases, Slots

logger = logging.getLogger(__name__)

_PROBE = "probe"  # an id that no answer has


class LeaseKeeper:
    """Acquires leases, and renews them in one background task, with the answers' slots, while there are any.

    While leases can't be renewed, writers go on: no other process can acquire them then, and storage takes an answer's
    end only once.

    Args:
        interval: Seconds between renewals, less than recovery waits before it ends an answer: if Redis is emptied, the
            leases are back in time.
        retry_interval: Seconds between a failed renewal and the next, less than that wait too: after an outage, all
            leases have expired.
    """

    def __init__(self, leases: Leases, slots: Slots, *, interval: float = 0.75, retry_interval: float = 0.25) -> None:
        self._leases = leases
        self._slots = slots
        self._interval = interval
        self._retry_interval = retry_interval
        self._kept: dict[str, Callable[[], None]] = {}
        self._renewer: asyncio.Task[None] | None = None

    @property
    def count(self) -> int:
        """The number of leases."""
        return len(self._kept)

    async def acquire(self, answer_id: str) -> bool:
        """Acquire the lease and keep it until ``release``; ``False`` if it is held already.

        Raises:
            SharedStateUnavailable: It can't be acquired now.
        """
        if answer_id in self._kept or not await self._leases.acquire(answer_id):
            return False
        self._kept[answer_id] = lambda: None
        if self._renewer is None:
            self._renewer = asyncio.create_task(self._renew())
        return True

    async def ensure_writable(self) -> None:
        """Check that leases can be acquired.

        Raises:
            SharedStateUnavailable: They can't.
        """
        await ensure_writable(self._leases)

    async def is_held(self, answer_id: str) -> bool:
        """Return True if any process holds the lease."""
        return answer_id in self._kept or bool(await self._leases.held([answer_id]))

    def on_loss(self, answer_id: str, end: Callable[[], None]) -> None:
        """Call ``end`` if the lease is lost."""
        if answer_id in self._kept:
            self._kept[answer_id] = end

    async def release(self, answer_id: str) -> None:
        """Release the lease. No effect if it is lost, or can't be released: then it expires."""
        if not self._kept.pop(answer_id, None):
            return
        if not self._kept:
            await self.close()
        try:
            await self._leases.release(answer_id)
        except StorageUnavailable as error:
            logger.warning("answer %s: its lease expires, it can't be released: %s", answer_id, error)

    async def close(self) -> None:
        """Stop renewing: the leases that are left expire."""
        renewer, self._renewer = self._renewer, None
        if renewer:
            renewer.cancel()
            await asyncio.wait([renewer])

    async def _renew(self) -> None:
        delay = self._interval
        while True:
            await asyncio.sleep(delay)
            kept = set(self._kept)
            try:
                held = await self._leases.renew(kept)
                await self._slots.renew(held)
                for answer_id in held - self._kept.keys():  # released during the renewal, which acquired it again
                    await self._leases.release(answer_id)
            except StorageUnavailable:  # the answer log reports the outage
                delay = self._retry_interval
                continue
            except Exception:  # without this task, the leases of all running answers would expire
                logger.exception("leases can't be renewed")
                continue
            delay = self._interval
            for answer_id in kept - held:
                if end := self._kept.pop(answer_id, None):
                    logger.error("answer %s: its lease is lost, it isn't written any more", answer_id)
                    end()


async def ensure_writable(leases: Leases) -> None:
    """Acquire a lease on no answer, and release it.

    Raises:
        SharedStateUnavailable: Leases can't be written, as in a full Redis.
    """
    await leases.renew([_PROBE])
    await leases.release(_PROBE)
