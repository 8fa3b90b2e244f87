"""One bound on everything that is being uploaded at the same time."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from chat_app.models.errors import UploadsFull

PATIENCE = 10.0  # seconds

# As much as a connection costs anyway, and more than nearly every question has. Whoever holds all the room with bodies
# that never end keeps nobody from asking.
_FREE = 65_536  # bytes


class Uploads:
    """A budget of bytes for the bodies of all requests.

    Args:
        max_bytes: How much there is for all of them; no single body may be larger.
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
            UploadsFull: The others leave none.
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
