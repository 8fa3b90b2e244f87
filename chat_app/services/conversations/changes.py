"""Change notifications, per owner."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import suppress

from chat_app.models.principal import Principal
from chat_app.services.ports import Announcer


class Changes:
    """Notifies watchers that an owner's conversations have changed; watchers read the list again.

    Args:
        announcer: Tells the watchers in other processes; ``None`` if there are none.
    """

    def __init__(self, announcer: Announcer | None = None) -> None:
        self._announcer = announcer
        self._watchers = defaultdict[Principal, set[asyncio.Event]](set)

    def notify(self, owner: Principal) -> None:
        """Wake the owner's watchers in all processes."""
        self.wake(owner)
        if self._announcer:
            self._announcer.announce(owner)

    def wake(self, owner: Principal) -> None:
        """Wake the owner's watchers in this process."""
        for changed in self._watchers.get(owner, ()):
            changed.set()

    async def watch(self, owner: Principal, *, at_least_every: float | None = None) -> AsyncGenerator[None, None]:
        """Yield once at the start, then after changes; changes between two yields count as one.

        Watching begins before the first yield: a caller that reads the list after each yield misses no change.

        Args:
            at_least_every: Seconds after which to yield without a change; ``None`` for never.
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
