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


@contextmanager
def draining(
    drain: Callable[[], Awaitable[object]], *, patience: float = 10.0, together: float = 1.0
) -> Iterator[None]:
    """Run ``drain`` when a signal comes, before the HTTP server's own handler.

    A second signal doesn't wait for it, unless it comes together with the first: a terminal and systemd signal every
    process of a group, and gunicorn or uvicorn's reloader then passes the signal on.

    Args:
        patience: Seconds that ``drain`` may take.
        together: Seconds within which signals count as one.
    """
    if threading.current_thread() is not threading.main_thread():  # as in tests; only the main one gets signals
        yield
        return
    loop = asyncio.get_running_loop()
    handlers = {number: signal.getsignal(number) for number in _SIGNALS}
    stopping: asyncio.Task[None] | None = None
    began = 0.0

    def pass_on(number: int) -> None:
        handler = handlers[signal.Signals(number)]
        if callable(handler):
            handler(number, None)

    async def stop(number: int) -> None:
        try:
            async with asyncio.timeout(patience):
                await drain()
        except Exception:
            logger.exception("running answers could not be ended")
        finally:
            pass_on(number)

    def begin(number: int) -> None:
        nonlocal stopping, began
        if stopping is None:
            stopping, began = loop.create_task(stop(number)), loop.time()
        elif loop.time() - began > together:
            pass_on(number)

    for number in _SIGNALS:
        signal.signal(number, lambda number, _: loop.call_soon_threadsafe(begin, number))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
