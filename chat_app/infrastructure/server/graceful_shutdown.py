"""Graceful shutdown: after a signal, running answers end before the HTTP server closes connections.

By itself, uvicorn closes websockets at once, then waits for open responses, and only then shuts the app down.
"""

import asyncio
import logging
import signal
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from chat_app.compat.uvicorn import stop_listening

logger = logging.getLogger(__name__)

SAME_SIGNAL_WITHIN = 1.0
"""Seconds within which signals count as one."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def graceful_shutdown(
    end_answers: Callable[[], Awaitable[object]],
    *,
    drain: Callable[[], Coroutine[Any, Any, object]] | None = None,
    gives_way: bool = False,
    timeout: float = 10.0,
    same_signal_within: float = SAME_SIGNAL_WITHIN,
) -> Iterator[None]:
    """Run ``end_answers`` after SIGINT or SIGTERM, then the HTTP server's own handler.

    A second signal doesn't wait, unless it comes together with the first: a terminal and systemd signal every process
    of a group, and gunicorn or uvicorn's reloader then passes the signal on.

    Args:
        drain: Run before ``end_answers`` after SIGTERM, until it ends or a second signal comes.
        gives_way: Accept no connections after the first signal, since other workers do.
        timeout: Seconds that ``end_answers`` may take.
        same_signal_within: Seconds within which signals count as one.
    """
    if threading.current_thread() is not threading.main_thread():  # as in tests; only the main one gets signals
        yield
        return
    loop = asyncio.get_running_loop()
    handlers = {number: signal.getsignal(number) for number in _SIGNALS}
    shutdown: asyncio.Task[None] | None = None
    draining: asyncio.Task[object] | None = None
    began = 0.0

    def call_server_handler(number: int) -> None:
        handler = handlers[signal.Signals(number)]
        if callable(handler):
            handler(number, None)

    async def shut_down(number: int) -> None:
        nonlocal draining
        try:
            if gives_way:
                stop_listening(handlers[signal.SIGTERM])
            if drain and number == signal.SIGTERM:
                draining = loop.create_task(drain())
                await asyncio.wait([draining])
                if not draining.cancelled() and (error := draining.exception()):
                    logger.error("running answers could not be waited for", exc_info=error)
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
        elif loop.time() - began <= same_signal_within:
            return
        elif draining and not draining.done():
            draining.cancel()
        else:
            call_server_handler(number)

    for number in _SIGNALS:
        signal.signal(number, lambda number, _: loop.call_soon_threadsafe(on_signal, number))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
