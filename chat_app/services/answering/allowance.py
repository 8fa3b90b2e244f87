"""Limits on the answers that run at once and that begin within a minute, since every answer costs money."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

from chat_app.models.errors import Busy, TooManyRequests
from chat_app.models.principal import Caller, Principal, PrincipalKind
from chat_app.services.ports import RateLimiter

MINUTE = 60  # seconds

Group = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on one figure, for groups of callers from small to large.

    Attributes:
        each: For each caller.
        per_network: For all callers without a key from one network, so that many cookies are of no use.
        without_key: For all callers without a key. The rest of ``in_all`` is left to programs with a key.
        in_all: For all callers.
    """

    each: int
    per_network: int
    without_key: int
    in_all: int

    @classmethod
    def within(cls, in_all: int, *, each: int, per_network: int | None, keys_share: float) -> Self:
        """Limits that follow from the total.

        Args:
            per_network: ``None`` for a third of the total, or ``each`` if that is more.
            keys_share: The share of the total that is left to programs with a key, from 0 to below 1.
        """
        per_network = per_network or max(each, in_all // 3)
        return cls(each, per_network, without_key=max(1, int(in_all * (1 - keys_share))), in_all=in_all)

    def by_group(self, caller: Caller) -> dict[Group, int]:
        """The limit of each group that the caller is in, the smallest group first."""
        limits: dict[Group, int] = {("caller", caller.principal.key): self.each}
        if caller.principal.kind is not PrincipalKind.PROGRAM:
            limits |= {("network", caller.network): self.per_network, ("without key",): self.without_key}
        return limits | {("all",): self.in_all}


class Allowance:
    """Counts the answers that run and those begun within a minute.

    Args:
        at_once: How many answers may run.
        per_minute: How many may begin within any minute.
    """

    def __init__(self, limiter: RateLimiter, *, at_once: Limits, per_minute: Limits) -> None:
        self._limiter = limiter
        self._at_once = at_once
        self._per_minute = per_minute
        self._running = Counter[Group]()

    @contextmanager
    def slot(self, caller: Caller) -> Iterator[None]:
        """A place among the running answers.

        Raises:
            Busy: There is none.
        """
        limits = self._at_once.by_group(caller)
        for group, limit in limits.items():
            if self._running[group] >= limit:
                raise Busy(f"{limit} answers are running for {_name(group)}")
        self._running.update(limits.keys())
        try:
            yield
        finally:
            self._running.subtract(limits.keys())
            self._running = +self._running  # groups without running answers take no memory

    async def count(self, caller: Caller) -> None:
        """Count an answer that begins.

        Raises:
            TooManyRequests: It is one too many; nothing is counted.
        """
        limits = self._per_minute.by_group(caller)
        for group, limit in limits.items():
            await self._ensure_below(group, limit)
        for group, limit in limits.items():
            # Another answer may have begun since the check.
            if not await self._limiter.count(limit, MINUTE, "answers", *group):
                await self._ensure_below(group, limit)

    async def _ensure_below(self, group: Group, limit: int) -> None:
        if delay := await self._limiter.wait_for(limit, MINUTE, "answers", *group):
            raise TooManyRequests(f"{limit} answers a minute by {_name(group)}", retry_after=delay)


async def ensure_rate(limiter: RateLimiter, times: int, what: str, owner: Principal) -> None:
    """Count one more of ``what`` that this owner asks for.

    Raises:
        TooManyRequests: They have asked for it more than ``times`` lately.
    """
    if not await limiter.count(times, MINUTE, what, owner.key):
        raise TooManyRequests(f"{times} {what} a minute by {owner.key}", retry_after=MINUTE)


def _name(group: Group) -> str:
    return " ".join(group)
