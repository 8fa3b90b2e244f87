"""Concurrency and rate limits on answers, since every answer costs money."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self

from chat_app.models.errors import Busy, TooManyRequests
from chat_app.models.principal import Caller, Principal, PrincipalKind
from chat_app.services.ports import RateLimiter, Slots
from chat_app.services.ports.rate_limiter import Counter
from chat_app.services.ports.slots import Group

MINUTE = 60  # seconds


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on one quantity, for groups of callers from small to large.

    Attributes:
        each: Limit of each caller.
        per_network: Limit of all callers of one network without an API key: many cookies don't raise it.
        without_key: Limit of all callers without an API key. The rest of ``in_all`` is reserved for programs.
        in_all: Limit of all callers.
    """

    each: int
    per_network: int
    without_key: int
    in_all: int

    @classmethod
    def within(cls, in_all: int, *, each: int, per_network: int | None, keys_share: float) -> Self:
        """Derive limits from the total.

        Args:
            in_all: The total.
            each: Limit of each caller.
            per_network: ``None`` for a third of the total, or ``each`` if that is more.
            keys_share: The share of the total reserved for programs with an API key, from 0 to below 1.
        """
        per_network = per_network or max(each, in_all // 3)
        return cls(each, per_network, without_key=max(1, int(in_all * (1 - keys_share))), in_all=in_all)

    def by_group(self, caller: Caller) -> dict[Group, int]:
        """Return the limit of each of the caller's groups, the smallest group first."""
        limits: dict[Group, int] = {("caller", caller.principal.key): self.each}
        if caller.principal.kind is not PrincipalKind.PROGRAM:
            limits |= {("network", caller.network): self.per_network, ("without key",): self.without_key}
        return limits | {("all",): self.in_all}


class Allowance:
    """Enforces limits on running answers and on starts per minute.

    Args:
        slots: The slots of running answers.
        limiter: Counts the starts.
        at_once: Limits on answers running at the same time.
        per_minute: Limits on answers started within any 60 seconds.
    """

    def __init__(self, slots: Slots, limiter: RateLimiter, *, at_once: Limits, per_minute: Limits) -> None:
        self._slots = slots
        self._limiter = limiter
        self._at_once = at_once
        self._per_minute = per_minute

    @asynccontextmanager
    async def slot(self, answer_id: str, caller: Caller) -> AsyncGenerator[None, None]:
        """Hold a slot for a running answer.

        Raises:
            Busy: All slots of one of the caller's groups are taken.
        """
        limits = self._at_once.by_group(caller)
        if full := await self._slots.acquire(answer_id, limits):
            raise Busy(f"{limits[full]} answers are running for {_name(full)}")
        try:
            yield
        finally:
            await self._slots.release(answer_id)

    async def count(self, caller: Caller) -> None:
        """Count the start of an answer.

        Raises:
            TooManyRequests: A rate limit of one of the caller's groups is reached; nothing is counted.
        """
        by_group = self._per_minute.by_group(caller)
        limits: dict[Counter, int] = {("answers", *group): limit for group, limit in by_group.items()}
        if full := await self._limiter.count_each(limits, MINUTE):
            delay = await self._limiter.wait_for(limits[full], MINUTE, *full)
            raise TooManyRequests(f"{limits[full]} answers a minute by {_name(full[1:])}", retry_after=delay)


async def ensure_rate(limiter: RateLimiter, limit: int, action: str, owner: Principal) -> None:
    """Count one more of the owner's actions of this name.

    Raises:
        TooManyRequests: The owner has reached ``limit`` within a minute.
    """
    if not await limiter.count(limit, MINUTE, action, owner.key):
        raise TooManyRequests(f"{limit} {action} a minute by {owner.key}", retry_after=MINUTE)


def _name(group: Group) -> str:
    return " ".join(group)
