"""A budget of memory for the bodies of all requests that are being received."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from chat_app.models.errors import UploadsFull

PATIENCE = 10.0  # seconds

# Smaller bodies need no room: it is what a connection costs anyway, and more than nearly every question has. So nobody
# can keep others from asking by bodies that never end.
_FREE = 65_536  # bytes


class Uploads:
    """A budget of bytes for the bodies of all requests.

    Args:
        max_bytes: The budget; no single body may be larger.
        patience: Seconds that a request waits for room.
    """

    def __init__(self, max_bytes: int, *, patience: float = PATIENCE) -> None:
        self._room = max_bytes
        self._patience = patience
        self._freed = asyncio.Event()

    @asynccontextmanager
    async def room(self, size: int) -> AsyncGenerator[None, None]:
        """Reserve room for a body of ``size`` bytes, before any of it is read.

        Raises:
            UploadsFull: There is none after ``patience`` seconds.
        """
        if size <= _FREE:
            yield
            return
        try:
            async with asyncio.timeout(self._patience):
                while self._room < size:
                    await self._freed.wait()
        except TimeoutError:
            raise UploadsFull(f"no room for {size} bytes", retry_after=self._patience) from None
        self._room -= size
        try:
            yield
        finally:
            self._room += size
            self._freed.set()
            self._freed = asyncio.Event()
