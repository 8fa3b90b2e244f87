"""Port: rate limits."""

from collections.abc import Mapping
from typing import Protocol

Counter = tuple[str, ...]
"""The name of a counter, in parts."""


class RateLimiter(Protocol):
    """Counts events within moving windows."""

    async def wait_for(self, times: int, seconds: int, *counter: str) -> float:
        """Return the seconds until one more event is within ``times`` in ``seconds``.

        Args:
            counter: The name of the counter.
        """
        ...

    async def count(self, times: int, seconds: int, *counter: str) -> bool:
        """Count one event; ``False``, and nothing is counted, if it exceeds ``times`` in ``seconds``."""
        ...

    async def count_each(self, limits: Mapping[Counter, int], seconds: int) -> Counter | None:
        """Count one event in each counter, unless one is full; returns that one.

        Args:
            limits: The most events of each counter in ``seconds``.
        """
        ...
