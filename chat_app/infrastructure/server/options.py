"""Options of the HTTP servers: uvicorn, and gunicorn, which runs uvicorn in production."""

import shlex
import socket
from argparse import ArgumentParser
from functools import partial
from math import ceil
from typing import Any

from chat_app.compat.uvicorn import BoundedHttpProtocol, WebSocket
from chat_app.config import SEVERAL_WORKERS, ConfigError, Settings
from chat_app.infrastructure.security.response_headers import response_headers

VARIABLE = "GUNICORN_CMD_ARGS"

_WORKER_CLASS = "chat_app.infrastructure.server.worker.HttpWorker"
_LOGGER_CLASS = "chat_app.infrastructure.observability.gunicorn_log.GunicornLogger"
_HOOKS = "python:chat_app.infrastructure.server.gunicorn_hooks"
_CLOSE_TIMEOUT = 5  # seconds that connections may take to close when the server stops
_END_TIMEOUT = 20  # seconds for the end of all answers, and for connections to close


def uvicorn_options(settings: Settings) -> dict[str, Any]:
    """Options of uvicorn that every server of the app has."""
    return {
        # uvicorn's type for it is a class, but all it does is call it.
        "http": partial(BoundedHttpProtocol, timeout=settings.body_timeout),
        # With compression that looks back 32 kB. That of "websockets" looks back 4 kB: a third more bytes.
        "ws": WebSocket,
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


def gunicorn_arguments(given: str, settings: Settings) -> str:
    """Return the value of ``GUNICORN_CMD_ARGS``: ``given``, with what the app needs and ``given`` doesn't say.

    Raises:
        ConfigError: It names more workers than one, which need Redis.
    """
    parser = ArgumentParser(VARIABLE, add_help=False, allow_abbrev=False)
    # Reflex's own choice lacks our options, and runs on asyncio's own event loop.
    parser.add_argument("-k", "--worker-class", default=_WORKER_CLASS)
    parser.add_argument("--logger-class", default=_LOGGER_CLASS)
    # Gunicorn's own default doesn't read .env.
    parser.add_argument("-w", "--workers", default=str(settings.web_concurrency))
    # The default is in the user's home, which a service may not have, and all of a user's servers share it.
    parser.add_argument("--control-socket")
    parser.add_argument("--no-control-socket", action="store_true")
    parser.add_argument("--graceful-timeout", default=_graceful_timeout(settings))
    parser.add_argument("-t", "--timeout", default=_timeout(settings))
    parser.add_argument("--config", default=_HOOKS if settings.redis_url or settings.drain_seconds else None)
    named, others = parser.parse_known_args(shlex.split(given))
    if named.workers != "1" and not settings.redis_url:
        raise ConfigError(f"{VARIABLE}={given!r}: {SEVERAL_WORKERS}, or let it name one worker")
    classes = ["--worker-class", named.worker_class, "--logger-class", named.logger_class]
    control = ["--control-socket", named.control_socket] if named.control_socket else ["--no-control-socket"]
    optional = {"--graceful-timeout": named.graceful_timeout, "--timeout": named.timeout, "--config": named.config}
    rest = [part for name, value in optional.items() if value for part in (name, value)]
    return shlex.join([*classes, "--workers", named.workers, *control, *rest, *others])


def worker_count(arguments: str) -> int:
    """Return the number of workers in the result of ``gunicorn_arguments``."""
    parser = ArgumentParser(VARIABLE, add_help=False, allow_abbrev=False)
    parser.add_argument("-w", "--workers", type=int, default=1)
    return parser.parse_known_args(shlex.split(arguments))[0].workers


def _graceful_timeout(settings: Settings) -> str | None:
    """Seconds after which gunicorn kills a worker that shuts down; ``None`` for gunicorn's own 30."""
    return str(ceil(settings.drain_seconds) + _END_TIMEOUT) if settings.drain_seconds else None


def _timeout(settings: Settings) -> str | None:
    """Seconds after which gunicorn kills a worker that doesn't respond; ``None`` for gunicorn's own 30.

    After SIGHUP, a worker without Redis waits for the end of the one before it.
    """
    waits = settings.drain_seconds if not settings.redis_url else 0
    return str(30 + ceil(waits)) if waits else None
