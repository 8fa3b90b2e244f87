"""Memory budget for the request bodies being received at the same time."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from chat_app.models.errors import UploadsFull

PATIENCE = 10.0  # seconds

# Smaller bodies reserve nothing: a connection costs as much anyway, and nearly all questions are smaller. So bodies
# that never end can't lock out other clients.
_FREE = 65_536  # bytes


class UploadBudget:
    """A budget of bytes, shared by all requests to this process, whose memory it protects.

    Args:
        max_bytes: The budget; no single body may be larger.
        patience: Seconds that a request waits for its share.
    """

    def __init__(self, max_bytes: int, *, patience: float = PATIENCE) -> None:
        self._left = max_bytes
        self._patience = patience
        self._freed = asyncio.Event()

    @asynccontextmanager
    async def reserve(self, size: int) -> AsyncGenerator[None, None]:
        """Reserve ``size`` bytes for a body, before any of it is read.

        Raises:
            UploadsFull: The budget is spent, and still is after ``patience`` seconds.
        """
        if size <= _FREE:
            yield
            return
        try:
            async with asyncio.timeout(self._patience):
                while self._left < size:
                    await self._freed.wait()
        except TimeoutError:
            raise UploadsFull(f"no room for {size} bytes", retry_after=self._patience) from None
        self._left -= size
        try:
            yield
        finally:
            self._left += size
            self._freed.set()
            self._freed = asyncio.Event()
