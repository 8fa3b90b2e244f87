"""Graceful shutdown: after a signal, running answers end before the HTTP server closes connections.

By itself, uvicorn closes websockets at once, then waits for open responses, and only then tells the app.
"""

import asyncio
import logging
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

logger = logging.getLogger(__name__)

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_PATIENCE = 10.0  # seconds


@contextmanager
def draining(drain: Callable[[], Awaitable[None]]) -> Iterator[None]:
    """Run ``drain`` when a signal comes, before the HTTP server's own handler; a second signal doesn't wait for it."""
    if threading.current_thread() is not threading.main_thread():  # as in tests; only the main one gets signals
        yield
        return
    loop = asyncio.get_running_loop()
    handlers = {number: signal.getsignal(number) for number in _SIGNALS}
    stopping: list[asyncio.Task[None]] = []

    def pass_on(number: int) -> None:
        handler = handlers[signal.Signals(number)]
        if callable(handler):
            handler(number, None)

    async def stop(number: int) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                await drain()
        except Exception:
            logger.exception("running answers could not be ended")
        finally:
            pass_on(number)

    def begin(number: int) -> None:
        if stopping:
            pass_on(number)
        else:
            stopping.append(loop.create_task(stop(number)))

    for number in _SIGNALS:
        signal.signal(number, lambda number, _: loop.call_soon_threadsafe(begin, number))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
