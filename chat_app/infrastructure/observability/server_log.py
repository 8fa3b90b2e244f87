"""Gunicorn's log in the form of the app's own."""

import logging

from gunicorn.config import Config
from gunicorn.glogging import Logger

from chat_app.config import settings
from chat_app.infrastructure.observability.logs import LogHandler


class ServerLog(Logger):
    """Gunicorn's logger class. A worker hands its handlers on to uvicorn."""

    def setup(self, cfg: Config) -> None:
        """Set up gunicorn's loggers, and replace their handlers that write to the terminal.

        Args:
            cfg: Gunicorn's configuration.
        """
        super().setup(cfg)
        for log, output in ((self.error_log, cfg.errorlog), (self.access_log, cfg.accesslog)):
            if output == "-":
                log.handlers = [LogHandler(settings().log_format)]
        # Reflex asks for errors only; a refused or broken request is a warning.
        self.error_log.setLevel(min(self.error_log.level, logging.WARNING))
