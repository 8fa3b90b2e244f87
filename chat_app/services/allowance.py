"""How much may be asked, by each caller and by all together: every answer costs money."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from chat_app.models.errors import Busy, TooManyRequests
from chat_app.services.ports import RateLimiter

MINUTE = 60  # seconds


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit for each caller, and one for all together."""

    each: int
    in_all: int


class Allowance:
    """Counts the answers that run and those begun lately. A caller is known by the owner of their answers.

    Args:
        at_once: How many answers may run.
        per_minute: How many may begin within a minute.
    """

    def __init__(self, limiter: RateLimiter, *, at_once: Limit, per_minute: Limit) -> None:
        self._limiter = limiter
        self._at_once = at_once
        self._per_minute = per_minute
        self._running = Counter[str]()

    async def ensure(self, owner: str) -> None:
        """Raises:
        Busy, TooManyRequests: An answer of this owner's couldn't begin now.
        """
        self._ensure_place(owner)
        for times, who in self._windows(owner):
            if delay := await self._limiter.wait_for(times, MINUTE, *who):
                raise TooManyRequests(f"{times} answers a minute by {who}", retry_after=delay)

    @contextmanager
    def place(self, owner: str) -> Iterator[None]:
        """A place among the running ones.

        Raises:
            Busy: There is none.
        """
        self._ensure_place(owner)
        self._running[owner] += 1
        try:
            yield
        finally:
            self._running[owner] -= 1
            if not self._running[owner]:
                del self._running[owner]

    async def count(self, owner: str) -> None:
        """Count an answer that begins.

        Raises:
            TooManyRequests: It is one too many.
        """
        for times, who in self._windows(owner):
            if not await self._limiter.count(times, MINUTE, *who):
                delay = await self._limiter.wait_for(times, MINUTE, *who)
                raise TooManyRequests(f"{times} answers a minute by {who}", retry_after=delay)

    def _ensure_place(self, owner: str) -> None:
        running = self._running.total()
        if running >= self._at_once.in_all or self._running[owner] >= self._at_once.each:
            raise Busy(f"{running} answers are running, {self._running[owner]} of them for {owner}")

    def _windows(self, owner: str) -> list[tuple[int, tuple[str, ...]]]:
        # Each caller's own comes first: who has used it up takes nothing away from the others.
        return [(self._per_minute.each, ("answers", owner)), (self._per_minute.in_all, ("answers",))]


async def count_within_minute(limiter: RateLimiter, times: int, what: str, owner: str) -> None:
    """Count one more of ``what`` that this owner asks for.

    Raises:
        TooManyRequests: They have asked for it more than ``times`` lately.
    """
    if not await limiter.count(times, MINUTE, what, owner):
        raise TooManyRequests(f"{times} {what} a minute by {owner}", retry_after=MINUTE)
