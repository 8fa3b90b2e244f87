"""Changes of conversation lists, announced to the other processes in one stream of owners."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import ExitStack

from redis.asyncio import Redis

from chat_app.infrastructure.redis import names
from chat_app.infrastructure.redis.connection import CALL_TIMEOUT, translating_errors
from chat_app.infrastructure.redis.feed import BEGINNING, Feed, cancel_all
from chat_app.models.errors import SharedStateUnavailable
from chat_app.models.principal import Principal

logger = logging.getLogger(__name__)

_GATHER = 0.01  # seconds
_RETRY = 1.0  # seconds
_LENGTH = 10_000  # announcements kept for processes that have lost their connection


class RedisAnnouncer:
    """Announces changes through Redis. Implements ``chat_app.services.ports.Announcer``.

    Args:
        process_id: Returns the id of this process, unique over time.
    """

    def __init__(self, redis: Redis, feed: Feed, process_id: Callable[[], str]) -> None:
        self._redis = redis
        self._feed = feed
        self._process_id = process_id
        self._changed: set[str] = set()
        self._sender: asyncio.Task[None] | None = None
        self._listening = ExitStack()

    async def listen(self, wake: Callable[[Principal], None]) -> None:
        """Call ``wake`` with the owner of each list that another process changes from now on."""

        def take(_: str, fields: dict[str, str]) -> None:
            if fields["by"] != self._process_id():
                wake(Principal.from_key(fields["owner"]))

        async with translating_errors():
            newest = await self._redis.xrevrange(names.CHANGES, count=1)
        self._listening.enter_context(self._feed.following(names.CHANGES, newest[0][0] if newest else BEGINNING, take))

    async def close(self) -> None:
        """Stop listening, and send the remaining announcements, for at most three seconds."""
        self._listening.close()
        if self._sender:
            await asyncio.wait([self._sender], timeout=CALL_TIMEOUT)
        await cancel_all(self._sender)

    def announce(self, owner: Principal) -> None:
        self._changed.add(owner.key)
        if self._sender is None:
            self._sender = asyncio.create_task(self._send())

    async def _send(self) -> None:
        try:
            while self._changed:
                await asyncio.sleep(_GATHER)
                owners = set(self._changed)
                try:
                    async with translating_errors(), self._redis.pipeline(transaction=False) as pipe:
                        for owner in owners:
                            pipe.xadd(names.CHANGES, {"owner": owner, "by": self._process_id()}, maxlen=_LENGTH)
                        await pipe.execute()
                except SharedStateUnavailable:
                    await asyncio.sleep(_RETRY)
                else:
                    self._changed -= owners
        finally:
            self._sender = None
