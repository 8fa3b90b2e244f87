"""Slots for running answers in Redis, which expire with the process that holds them."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import NamedTuple

from redis.asyncio import Redis

from chat_app.infrastructure.redis import names
from chat_app.infrastructure.redis.connection import load_script, translating_errors
from chat_app.models.errors import SharedStateUnavailable
from chat_app.models.message import new_id
from chat_app.services.ports.leases import LEASE_SECONDS
from chat_app.services.ports.slots import Group


class _Held(NamedTuple):
    """The slots of one ``acquire``: ``member`` in the sorted set of each of ``groups``.

    Two processes may begin the same answer at the same time; the one that gives up releases its own slots only.
    """

    member: str
    groups: list[str]


class RedisSlots:
    """Slots in Redis. Implements ``chat_app.services.ports.Slots``.

    Args:
        lifetime: Seconds after which a slot that isn't renewed expires.
    """

    def __init__(self, redis: Redis, *, lifetime: float = LEASE_SECONDS) -> None:
        self._redis = redis
        self._lifetime = int(lifetime * 1000)
        self._acquire = load_script(redis, "acquire_slots.lua")
        self._renew = load_script(redis, "renew_slots.lua")
        self._held = defaultdict[str, list[_Held]](list)
        self._renewing = asyncio.Lock()

    async def acquire(self, holder: str, limits: Mapping[Group, int]) -> Group | None:
        held = _Held(f"{holder} {new_id()}", [names.slots(group) for group in limits])
        async with translating_errors():
            full = int(await self._acquire(held.groups, [held.member, self._lifetime, *limits.values()]))
        if full:
            return list(limits)[full - 1]
        self._held[holder].append(held)
        return None

    async def renew(self, holders: Collection[str]) -> None:
        async with self._renewing:
            members = defaultdict[str, list[str]](list)
            for holder in self._held.keys() & holders:
                for held in self._held[holder]:
                    for group in held.groups:
                        members[group].append(held.member)
            if members:
                counted = [argument for each in members.values() for argument in (len(each), *each)]
                async with translating_errors():
                    await self._renew(list(members), [self._lifetime, *counted])

    async def release(self, holder: str) -> None:
        if holder not in self._held:
            return
        held = self._held[holder].pop()
        if not self._held[holder]:
            del self._held[holder]
        # A renewal that has begun would acquire the slots again.
        async with self._renewing:
            with suppress(SharedStateUnavailable):  # they expire, as they are no longer renewed
                async with translating_errors(), self._redis.pipeline(transaction=False) as pipeline:
                    for group in held.groups:
                        pipeline.zrem(group, held.member)
                    await pipeline.execute()
