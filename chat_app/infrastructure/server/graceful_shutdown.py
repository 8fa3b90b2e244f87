"""Graceful shutdown: after a signal, running answers end before the HTTP server closes connections.

By itself, uvicorn closes websockets at once, then waits for open responses, and only then shuts the app down.
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
def graceful_shutdown(
    end_answers: Callable[[], Awaitable[object]], *, timeout: float = 10.0, same_signal_within: float = 1.0
) -> Iterator[None]:
    """Run ``end_answers`` after SIGINT or SIGTERM, then the HTTP server's own handler.

    A second signal doesn't wait, unless it comes together with the first: a terminal and systemd signal every process
    of a group, and gunicorn or uvicorn's reloader then passes the signal on.

    Args:
        timeout: Seconds that ``end_answers`` may take.
        same_signal_within: Seconds within which signals count as one.
    """
    if threading.current_thread() is not threading.main_thread():  # as in tests; only the main one gets signals
        yield
        return
    loop = asyncio.get_running_loop()
    handlers = {number: signal.getsignal(number) for number in _SIGNALS}
    shutdown: asyncio.Task[None] | None = None
    began = 0.0

    def call_server_handler(number: int) -> None:
        handler = handlers[signal.Signals(number)]
        if callable(handler):
            handler(number, None)

    async def shut_down(number: int) -> None:
        try:
            async with asyncio.timeout(timeout):
                await end_answers()
        except Exception:
            logger.exception("running answers could not be ended")
        finally:
            call_server_handler(number)

    def on_signal(number: int) -> None:
        nonlocal shutdown, began
        if shutdown is None:
            shutdown, began = loop.create_task(shut_down(number)), loop.time()
        elif loop.time() - began > same_signal_within:
            call_server_handler(number)

    for number in _SIGNALS:
        signal.signal(number, lambda number, _: loop.call_soon_threadsafe(on_signal, number))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
