"""The gunicorn worker that serves the app in production, with uvicorn."""

import ctypes
import os
import signal
import sys

from chat_app.compat.gunicorn import SigquitWorker
from chat_app.config import settings
from chat_app.infrastructure.server.options import set_reader_timeout, uvicorn_options

_PR_SET_PDEATHSIG = 1  # https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html


class HttpWorker(SigquitWorker):
    """One process that serves the app."""

    CONFIG_KWARGS = {**SigquitWorker.CONFIG_KWARGS, **uvicorn_options(settings())}  # noqa: RUF012 - as it is there

    def init_process(self) -> None:
        """Set the parent-death signal and the reader timeout, then serve."""
        _set_parent_death_signal()
        for listener in self.sockets:
            set_reader_timeout(listener, settings().reader_timeout)
        super().init_process()


def _set_parent_death_signal() -> None:
    """Have Linux send SIGTERM when gunicorn's master dies, even if it is killed, so that the port is free again."""
    if sys.platform != "linux":
        return
    parent = os.getppid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it has died before
        os.kill(os.getpid(), signal.SIGTERM)
