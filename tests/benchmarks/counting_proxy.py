"""Counts the bytes on the wire between a browser and its servers, compression and HTTP headers included.

    with CountingProxy() as wire:
        browser = playwright.chromium.launch(proxy={"server": wire.url})
        before = wire.received
        ...

A SOCKS 5 proxy (RFC 1928), since that needs no other address in the page and passes the bytes on as they are.
"""

import asyncio
import contextlib
import struct
import threading
from collections.abc import Callable
from typing import Self

_NO_AUTHENTICATION = b"\x05\x00"
_CONNECTED = b"\x05\x00\x00\x01" + bytes(6)
_ADDRESS_IS_NAME = 3


class CountingProxy:
    """The proxy, in a thread of its own, on a free loopback port.

    Attributes:
        received: Bytes from servers so far.
    """

    def __init__(self) -> None:
        self.received = 0
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._started.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    @property
    def url(self) -> str:
        return f"socks5://127.0.0.1:{self._port}"

    async def _run(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._port = server.sockets[0].getsockname()[1]
        self._started.set()
        await self._stop.wait()
        server.close()

    async def _serve(self, browser: asyncio.StreamReader, to_browser: asyncio.StreamWriter) -> None:
        with contextlib.closing(to_browser), contextlib.suppress(OSError, asyncio.IncompleteReadError):
            host, port = await _agree(browser, to_browser)
            server, to_server = await asyncio.open_connection(host, port)
            with contextlib.closing(to_server):
                to_browser.write(_CONNECTED)
                # The end of either side ends the other.
                ways = [_pass_on(browser, to_server), _pass_on(server, to_browser, self._count)]
                tasks = [asyncio.create_task(way) for way in ways]
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    def _count(self, size: int) -> None:
        self.received += size


async def _agree(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[str, int]:
    """Handle greeting and request; returns the requested address."""
    _, methods = await reader.readexactly(2)
    await reader.readexactly(methods)
    writer.write(_NO_AUTHENTICATION)
    _, _, _, kind = await reader.readexactly(4)
    if kind == _ADDRESS_IS_NAME:
        (length,) = await reader.readexactly(1)
        host = (await reader.readexactly(length)).decode()
    else:
        host = ".".join(map(str, await reader.readexactly(4)))
    (port,) = struct.unpack("!H", await reader.readexactly(2))
    return host, port


async def _pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, count: Callable[[int], None] = lambda _: None
) -> None:
    while piece := await reader.read(2**16):
        count(len(piece))
        writer.write(piece)
        await writer.drain()
