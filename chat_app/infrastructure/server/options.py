"""Options of the HTTP servers: uvicorn, and gunicorn, which runs uvicorn in production."""

import shlex
import socket
from argparse import ArgumentParser
from functools import partial
from typing import Any

from chat_app.compat.uvicorn import BoundedHttpProtocol
from chat_app.config import ConfigError, Settings
from chat_app.infrastructure.security.response_headers import response_headers

VARIABLE = "GUNICORN_CMD_ARGS"

_WORKER_CLASS = "chat_app.infrastructure.server.worker.HttpWorker"
_LOGGER_CLASS = "chat_app.infrastructure.observability.gunicorn_log.GunicornLogger"
_CLOSE_TIMEOUT = 5  # seconds that connections may take to close when the server stops


def uvicorn_options(settings: Settings) -> dict[str, Any]:
    """Options of uvicorn that every server of the app has."""
    return {
        # uvicorn's type for it is a class, but all it does is call it.
        "http": partial(BoundedHttpProtocol, timeout=settings.body_timeout),
        # With compression that looks back 32 kB. That of "websockets" looks back 4 kB: a third more bytes.
        "ws": "wsproto",
        "headers": response_headers(settings),
        "timeout_graceful_shutdown": _CLOSE_TIMEOUT,
    }


def set_reader_timeout(listener: socket.socket, seconds: float) -> None:
    """Have the system abort connections whose reader takes none of the data that is to be sent. Linux only.

    The system sees every byte that is taken, also on a websocket and after a response's end. The app could only close
    the connection, which waits until everything has been taken.

    Args:
        listener: The server's socket; accepted connections inherit the option.
    """
    if hasattr(socket, "TCP_USER_TIMEOUT") and listener.family in (socket.AF_INET, socket.AF_INET6):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(seconds * 1000))


def gunicorn_arguments(given: str) -> str:
    """Return the value of ``GUNICORN_CMD_ARGS``: ``given``, with the app's classes, one worker and no control socket.

    Raises:
        ConfigError: It names another number of workers than one.
    """
    parser = ArgumentParser(VARIABLE, add_help=False, allow_abbrev=False)
    # Reflex's own choice lacks our options, and runs on asyncio's own event loop.
    parser.add_argument("-k", "--worker-class", default=_WORKER_CLASS)
    parser.add_argument("--logger-class", default=_LOGGER_CLASS)
    # The default is WEB_CONCURRENCY, which some hosts set by themselves.
    parser.add_argument("-w", "--workers", default="1")
    # The default is in the user's home, which a service may not have, and all of a user's servers share it.
    parser.add_argument("--control-socket")
    parser.add_argument("--no-control-socket", action="store_true")
    named, others = parser.parse_known_args(shlex.split(given))
    if named.workers != "1":
        raise ConfigError(f"{VARIABLE}={given!r}: answers and limits are one process's, so it takes one worker")
    classes = ["--worker-class", named.worker_class, "--logger-class", named.logger_class]
    control = ["--control-socket", named.control_socket] if named.control_socket else ["--no-control-socket"]
    return shlex.join([*classes, "--workers", named.workers, *control, *others])
