"""Gunicorn's configuration file: hooks of its master process. https://gunicorn.org/reference/settings/#server-hooks"""

import signal
import time
from types import FrameType

from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

from chat_app.infrastructure.observability.metrics import forget_process, remove_shared_folder
from chat_app.infrastructure.server.graceful_shutdown import SAME_SIGNAL_WITHIN


def when_ready(server: Arbiter) -> None:
    """Make a second SIGTERM a quick shutdown: gunicorn waits for its workers and ignores it."""
    first: float | None = None

    def on_sigterm(number: int, frame: FrameType | None) -> None:
        nonlocal first
        now = time.monotonic()
        first = now if first is None else first
        is_second = now - first > SAME_SIGNAL_WITHIN
        server.signal(signal.SIGQUIT if is_second else number, frame)

    signal.signal(signal.SIGTERM, on_sigterm)


def child_exit(server: Arbiter, worker: Worker) -> None:
    """Leave a worker that has ended out of the metrics' gauges."""
    forget_process(int(worker.pid))


def on_exit(server: Arbiter) -> None:
    """Remove the workers' metrics, unless another master has taken over."""
    if not server.reexec_pid:
        remove_shared_folder()
