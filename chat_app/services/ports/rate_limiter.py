"""Port: rate limits."""

from typing import Protocol


class RateLimiter(Protocol):
    """Counts events within moving windows."""

    async def wait_for(self, times: int, seconds: int, *who: str) -> float:
        """Return the seconds until one more event is within ``times`` in ``seconds``.

        Args:
            who: The name of the counter.
        """
        ...

    async def count(self, times: int, seconds: int, *who: str) -> bool:
        """Count one event; ``False``, and nothing is counted, if it exceeds ``times`` in ``seconds``."""
        ...
