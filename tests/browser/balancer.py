"""A balancer between browsers and the workers of one server, as a proxy is in production.

Workers of one machine accept connections from one socket, and which one does is chance. Here each websocket goes to
another worker than the one before it, so that a second tab, a reloaded page and a reconnection are on the other one.
"""

import asyncio
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress

import psutil

from tests.server_process import free_port

_PATIENCE = 3.0  # seconds in which a worker should accept a connection
_START_SECONDS = 60
_PAUSE = 0.02  # seconds: a worker that has just closed a connection is awake, and takes the next one too


class Balancer:
    """The proxy, on a free loopback port, while it is open.

    Args:
        workers: Return the ids of the processes that accept its connections.

    Attributes:
        websockets: The process of each websocket, in the order of their opening.
    """

    def __init__(self, workers: Callable[[], Iterable[int]]) -> None:
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.websockets: list[int] = []
        self._workers = workers
        self._thread: threading.Thread | None = None

    def open(self, target: int, workers: int) -> None:
        """Accept connections for the server at this port, once that number of workers does."""
        self._target = target
        started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run(started)), daemon=True)
        self._thread.start()
        assert started.wait(timeout=10)
        asyncio.run_coroutine_threadsafe(self._wait_for(workers), self._loop).result(timeout=_START_SECONDS)

    def close(self) -> None:
        """Break all connections, and accept no more."""
        if self._thread:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()
            self._thread = None

    async def _run(self, started: threading.Event) -> None:
        self._loop, self._stop, self._lock = asyncio.get_running_loop(), asyncio.Event(), asyncio.Lock()
        server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        started.set()
        await self._stop.wait()
        server.close()  # the connections end with their tasks

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends, copies = [writer], list[asyncio.Task[None]]()
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            is_websocket = b"\r\nupgrade: websocket\r\n" in head.lower()
            target_reader, target = await (self._connect_to_another() if is_websocket else self._connect())
            ends.append(target)
            target.write(head)
            copies = [asyncio.create_task(_copy(reader, target)), asyncio.create_task(_copy(target_reader, writer))]
            await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the browser or the server is gone, or the balancer is closed
        finally:
            for copy in copies:
                copy.cancel()
            for end in ends:
                end.close()

    async def _wait_for(self, workers: int) -> None:
        accepting = set[int]()
        while len(accepting) < workers:
            _, writer = await self._connect()
            accepting.add(await self._worker_of(writer.get_extra_info("sockname")[1]))
            accepting.discard(0)
            writer.close()
            await asyncio.sleep(_PAUSE)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self._target)

    async def _connect_to_another(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect until another worker than that of the last websocket accepts; any worker if that takes too long."""
        async with self._lock:
            deadline = self._loop.time() + _PATIENCE
            while True:
                reader, writer = await self._connect()
                worker = await self._worker_of(writer.get_extra_info("sockname")[1])
                if worker not in self.websockets[-1:] or self._loop.time() > deadline:
                    self.websockets.append(worker)
                    return reader, writer
                writer.close()
                await asyncio.sleep(_PAUSE)

    async def _worker_of(self, port: int) -> int:
        """Return the worker that has accepted the connection from this port, 0 if none does."""
        deadline = self._loop.time() + _PATIENCE
        while self._loop.time() < deadline:
            for worker in self._workers():
                if port in _peers(worker):
                    return worker
            await asyncio.sleep(0.005)  # there is nothing to wait on
        return 0


def _peers(process: int) -> set[int]:
    """Return the other ends' ports of a process's connections."""
    with suppress(psutil.NoSuchProcess):
        connections = psutil.Process(process).net_connections("tcp4")
        return {each.raddr.port for each in connections if each.raddr}
    return set()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
