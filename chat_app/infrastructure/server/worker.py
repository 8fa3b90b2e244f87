"""What gunicorn runs in production: uvicorn, with our connections and websockets."""

import os
import signal
from types import FrameType

from uvicorn_worker import UvicornWorker

from chat_app.config import settings
from chat_app.infrastructure.server.http import server_options
from chat_app.infrastructure.server.parent_death import end_with_parent


class HttpWorker(UvicornWorker):
    """One process that serves the app."""

    CONFIG_KWARGS = {  # noqa: RUF012 - as it is there
        **UvicornWorker.CONFIG_KWARGS,
        **server_options(settings()),
    }

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop as after SIGTERM: after SIGINT, gunicorn sends SIGQUIT, on which uvicorn's worker does nothing."""
        os.kill(os.getpid(), signal.SIGTERM)

    def init_process(self) -> None:
        """End with gunicorn's master, however it dies, so that the port is free again."""
        end_with_parent()
        super().init_process()
