"""Port: leases on answers."""

from collections.abc import Collection
from typing import Protocol

LEASE_SECONDS = 6.0
"""Lifetime of a lease that isn't renewed, where several processes share them."""


class Leases(Protocol):
    """Leases: the process that holds the lease of an answer is its only writer.

    A lease expires unless its holder renews it, so that the answers of a crashed process become free.
    """

    async def acquire(self, answer_id: str) -> bool:
        """Acquire the lease; ``False`` if it is held already."""
        ...

    async def renew(self, answer_ids: Collection[str]) -> set[str]:
        """Renew leases of this process. One that has expired is acquired again unless it is held elsewhere.

        Returns:
            The ids of those that it still holds.
        """
        ...

    async def release(self, answer_id: str) -> None:
        """Release the lease. No effect if this process doesn't hold it."""
        ...

    async def held(self, answer_ids: Collection[str]) -> set[str]:
        """Return the ids of the answers whose lease is held by any process."""
        ...
