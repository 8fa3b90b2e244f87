"""What gunicorn is told, which serves the app in production."""

import shlex
from argparse import ArgumentParser

from chat_app.config import ConfigError

VARIABLE = "GUNICORN_CMD_ARGS"

_WORKER_CLASS = "chat_app.infrastructure.server.worker.HttpWorker"
_LOGGER_CLASS = "chat_app.infrastructure.observability.server_log.ServerLog"


def gunicorn_arguments(given: str) -> str:
    """The variable's value: ``given``, completed with our classes, a number of workers and no control socket.

    Raises:
        ConfigError: It names another number of workers than one.
    """
    parser = ArgumentParser(VARIABLE, add_help=False, allow_abbrev=False)
    # Reflex's own choice doesn't know our connections, and runs on asyncio's own event loop.
    parser.add_argument("-k", "--worker-class", default=_WORKER_CLASS)
    parser.add_argument("--logger-class", default=_LOGGER_CLASS)
    # Without a number gunicorn takes that of WEB_CONCURRENCY, which some hosts set by themselves.
    parser.add_argument("-w", "--workers", default="1")
    # By itself it is in the user's home, which a service may not have, and all of a user's servers share it.
    parser.add_argument("--control-socket")
    parser.add_argument("--no-control-socket", action="store_true")
    named, others = parser.parse_known_args(shlex.split(given))
    if named.workers != "1":
        raise ConfigError(f"{VARIABLE}={given!r}: answers and limits are one process's, so it takes one worker")
    classes = ["--worker-class", named.worker_class, "--logger-class", named.logger_class]
    control = ["--control-socket", named.control_socket] if named.control_socket else ["--no-control-socket"]
    return shlex.join([*classes, "--workers", named.workers, *control, *others])
