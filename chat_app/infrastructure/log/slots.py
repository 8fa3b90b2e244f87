"""Slots for running answers in the memory of one process, which holds all of them; they end with it."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping

from chat_app.services.ports.slots import Group


class MemorySlots:
    """Implements ``chat_app.services.ports.Slots``. They don't expire: no other process could acquire them."""

    def __init__(self) -> None:
        self._taken = Counter[Group]()
        self._held = defaultdict[str, list[Collection[Group]]](list)

    async def acquire(self, holder: str, limits: Mapping[Group, int]) -> Group | None:
        for group, limit in limits.items():
            if self._taken[group] >= limit:
                return group
        self._taken.update(limits.keys())
        self._held[holder].append(limits.keys())
        return None

    async def renew(self, holders: Collection[str]) -> None:
        pass

    async def release(self, holder: str) -> None:
        if holder in self._held:
            self._taken.subtract(self._held[holder].pop())
            self._taken = +self._taken  # drops groups without running answers
            if not self._held[holder]:
                del self._held[holder]
