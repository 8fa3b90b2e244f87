"""Gunicorn's log in the format of the app's."""

import logging

from gunicorn.config import Config
from gunicorn.glogging import Logger

from chat_app.config import settings
from chat_app.infrastructure.observability.logs import LogHandler


class GunicornLogger(Logger):
    """Gunicorn's logger class. The worker passes its handlers on to uvicorn."""

    def setup(self, cfg: Config) -> None:
        """Set up gunicorn's loggers, and replace their handlers that write to the terminal."""
        super().setup(cfg)
        for log, output in ((self.error_log, cfg.errorlog), (self.access_log, cfg.accesslog)):
            if output == "-":
                log.handlers = [LogHandler(settings().log_format, with_process=settings().web_concurrency > 1)]
        # Reflex asks for errors only; a refused or broken request is a warning.
        self.error_log.setLevel(min(self.error_log.level, logging.WARNING))
