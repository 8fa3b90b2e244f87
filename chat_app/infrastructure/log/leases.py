"""Leases in the memory of one process, which holds all of them; they end with it."""

from collections.abc import Collection


class MemoryLeases:
    """Implements ``chat_app.services.ports.Leases``. They don't expire: no other process could acquire them."""

    def __init__(self) -> None:
        self._held: set[str] = set()

    @property
    def acquired(self) -> int:
        """The number of leases held."""
        return len(self._held)

    async def acquire(self, answer_id: str) -> bool:
        if answer_id in self._held:
            return False
        self._held.add(answer_id)
        return True

    async def renew(self, answer_ids: Collection[str]) -> set[str]:
        return self._held.intersection(answer_ids)

    async def release(self, answer_id: str) -> None:
        self._held.discard(answer_id)

    async def held(self, answer_ids: Collection[str]) -> set[str]:
        return self._held.intersection(answer_ids)
