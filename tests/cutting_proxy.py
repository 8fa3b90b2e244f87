"""A TCP proxy that breaks connections, to test reconnection.

with CuttingProxy(server.port) as proxy:  # its own thread, a free loopback port
    proxy.cut_after(700)  # the connection on which the 700th byte from now comes back breaks there, once
    ... http://127.0.0.1:{proxy.port} ...
"""

import asyncio
import threading
from contextlib import suppress
from typing import Self


class CuttingProxy:
    """The proxy; see the module's description.

    Args:
        target: A port on the loopback interface.

    Attributes:
        cuts: The number of connections that it has broken.
    """

    def __init__(self, target: int) -> None:
        self.cuts = 0
        self._target = target
        self._left: int | None = None
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._started.wait(timeout=10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def cut_after(self, size: int) -> None:
        self._left = size

    async def _run(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port: int = server.sockets[0].getsockname()[1]
        self._started.set()
        await self._stop.wait()
        server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target_reader, target_writer = await asyncio.open_connection("127.0.0.1", self._target)
        ways = [self._there(reader, target_writer), self._back(target_reader, writer)]
        tasks = [asyncio.create_task(way) for way in ways]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            pass  # the proxy ends; asyncio's streams would print it as an error
        finally:
            for task in tasks:
                task.cancel()
            writer.transport.abort()
            target_writer.transport.abort()

    async def _there(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65_536):
                writer.write(data)

    async def _back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65_536):
                writer.write(data[: self._left])
                await writer.drain()
                if self._left is not None:
                    self._left -= min(self._left, len(data))
                if self._left == 0:
                    self._left = None
                    self.cuts += 1
                    return
