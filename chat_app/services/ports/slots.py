"""Port: slots for running answers."""

from collections.abc import Collection, Mapping
from typing import Protocol

Group = tuple[str, ...]
"""The name of a group of callers that share a limit, such as ``("network", "192.0.2.1")``."""


class Slots(Protocol):
    """Slots for running answers, a limited number for each group of callers.

    A slot is a lease: it expires unless it is renewed, so that the slots of a crashed process come free.
    """

    async def acquire(self, holder: str, limits: Mapping[Group, int]) -> Group | None:
        """Acquire a slot in each group at once.

        A holder that acquires twice holds two slots, and needs two releases.

        Args:
            holder: The id of the answer.
            limits: The number of slots of each group.

        Returns:
            The first group whose slots are all taken, in which case nothing is acquired; ``None`` if it succeeded.
        """
        ...

    async def renew(self, holders: Collection[str]) -> None:
        """Renew the slots that these holders acquired in this process. No effect on holders without slots."""
        ...

    async def release(self, holder: str) -> None:
        """Release the slots of the holder's last ``acquire``. One that can't be released expires."""
        ...
