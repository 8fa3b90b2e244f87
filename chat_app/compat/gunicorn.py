"""Uses of gunicorn's worker for uvicorn beyond its settings. Read in uvicorn-worker 0.4."""

import os
import signal
from types import FrameType

from uvicorn_worker import UvicornWorker


class SigquitWorker(UvicornWorker):
    """uvicorn's worker, which also shuts down after SIGQUIT.

    Needs ``handle_exit``, the worker's handler of SIGQUIT, which sets a flag that uvicorn doesn't check. Gunicorn
    sends SIGQUIT to its workers after Ctrl-C. Without it, the server keeps running until gunicorn kills it, and running
    answers aren't saved (https://github.com/Kludex/uvicorn-worker/issues/2).
    """

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Shut down as after SIGTERM."""
        os.kill(os.getpid(), signal.SIGTERM)
