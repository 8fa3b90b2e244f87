"""Readiness checks of storage, log and server state, for load balancers and orchestrators."""

import asyncio
import logging
from collections.abc import Awaitable

from chat_app.models.errors import StorageUnavailable
from chat_app.models.principal import Principal
from chat_app.services.answering.answers import Answers
from chat_app.services.ports import Store

logger = logging.getLogger(__name__)

_NOBODY = Principal("")


class Readiness:
    """Checks the requirements of an answer. Results are cached, since each check writes to storage.

    Args:
        lifetime: Seconds that results are cached.
        timeout: Seconds that one check may take.
    """

    def __init__(self, store: Store, answers: Answers, *, lifetime: float = 2.0, timeout: float = 5.0) -> None:
        self._store = store
        self._answers = answers
        self._lifetime = lifetime
        self._timeout = timeout
        self._lock = asyncio.Lock()
        self._results: dict[str, bool] = {}
        self._expires = 0.0
        self._checking: set[asyncio.Future[object]] = set()

    async def check(self) -> dict[str, bool]:
        """Check storage and log by reading and writing, and that the server isn't stopping.

        Returns:
            True for each of ``storage``, ``log`` and ``accepting`` that is ready.
        """
        async with self._lock:
            now = asyncio.get_running_loop().time
            if now() >= self._expires:
                self._results = {
                    "storage": await self._works("storage", self._use_storage()),
                    "log": await self._works("log", self._answers.check_log()),
                }
                self._expires = now() + self._lifetime
        return {**self._results, "accepting": not self._answers.is_closing}

    async def wait_for_storage(self) -> None:
        """Wait until storage can be read and written. Any number of waiters share one check."""
        while not (await self.check())["storage"]:  # noqa: ASYNC110 - a database sends no event when it is back
            await asyncio.sleep(self._lifetime)

    async def _use_storage(self) -> None:
        await self._store.conversation(_NOBODY, "")
        await self._store.check_writable()

    async def _works(self, part: str, check: Awaitable[object]) -> bool:
        was_working = self._results.get(part, True)
        checking = asyncio.ensure_future(check)
        self._checking.add(checking)
        checking.add_done_callback(self._forget)
        try:
            # Don't wait for the cancelled check: a call to a locked database ends only at the database's own timeout.
            await asyncio.wait([checking], timeout=self._timeout)
            if not checking.done():
                checking.cancel()
                raise TimeoutError  # noqa: TRY301 - as any other failure
            checking.result()
        except Exception as error:
            if was_working:  # log each outage once
                cause = None if isinstance(error, StorageUnavailable | TimeoutError) else error
                logger.log(logging.ERROR, "not ready: the %s failed: %r", part, error, exc_info=cause)
            return False
        if not was_working:
            logger.warning("ready again: the %s works", part)
        return True

    def _forget(self, checking: "asyncio.Future[object]") -> None:
        self._checking.discard(checking)
        if not checking.cancelled():
            checking.exception()  # marks it as retrieved: asyncio would log it otherwise
