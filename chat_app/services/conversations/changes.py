"""Who wants to know hears that something in a list of conversations has changed."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import suppress

from chat_app.models.principal import Principal


class Changes:
    """Tells watchers in this process that an owner's conversations have changed, not what: they look for themselves."""

    def __init__(self) -> None:
        self._watchers = defaultdict[Principal, set[asyncio.Event]](set)

    def notify(self, owner: Principal) -> None:
        """Something has changed."""
        for changed in self._watchers.get(owner, ()):
            changed.set()

    async def watch(self, owner: Principal, *, at_least_every: float | None = None) -> AsyncGenerator[None, None]:
        """Yields once at the start, then whenever something has changed since the last time, however often it did.

        As watching begins before the first yield, whoever looks then, and each time after, misses nothing.

        Args:
            at_least_every: Seconds after which it yields although nothing has changed.
        """
        changed = asyncio.Event()
        self._watchers[owner].add(changed)
        try:
            while True:
                yield
                with suppress(TimeoutError):
                    async with asyncio.timeout(at_least_every):
                        await changed.wait()
                changed.clear()
        finally:
            self._watchers[owner].discard(changed)
            if not self._watchers[owner]:
                del self._watchers[owner]
