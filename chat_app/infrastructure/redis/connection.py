"""The connection to Redis: a bounded pool, deadlines of calls, and errors."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.commands.core import AsyncScript
from redis.exceptions import DataError, RedisError

from chat_app.config import ConfigError
from chat_app.models.errors import SharedStateUnavailable

logger = logging.getLogger(__name__)

# Seconds; less than the lifetime of a lease, so that a call that hangs can be followed by another.
CALL_TIMEOUT = 3.0
_CONNECT_TIMEOUT = 2.0
_MAX_CONNECTIONS = 32


def connect(url: str) -> Redis:
    """Make a client, without opening a connection. Use it within ``translating_errors``; close it with ``aclose``.

    Args:
        url: ``redis://``, ``rediss://`` (TLS) or ``unix://``; its query overrides the options of the connections.

    Raises:
        ConfigError: The URL has an option that doesn't exist, or an invalid value.
    """
    # Keepalive finds a TCP connection whose far end vanished; Unix sockets don't have the option.
    keepalive = {} if url.startswith("unix:") else {"socket_keepalive": True}
    try:
        pool = BlockingConnectionPool.from_url(
            url,
            decode_responses=True,
            max_connections=_MAX_CONNECTIONS,
            timeout=CALL_TIMEOUT,  # for a free connection
            socket_connect_timeout=_CONNECT_TIMEOUT,
            # A command that is sent again could count or append twice: callers that can repeat theirs do so themselves.
            retry=Retry(NoBackoff(), retries=0),
            client_name="chat_app",
            **keepalive,
        )
        pool.make_connection()  # doesn't connect, but refuses unknown options
    except (TypeError, ValueError, RedisError) as error:
        raise ConfigError(f"REDIS_URL=(hidden): {error}") from None
    return Redis.from_pool(pool)


@asynccontextmanager
async def translating_errors(timeout: float = CALL_TIMEOUT) -> AsyncGenerator[None, None]:  # noqa: ASYNC109
    """Bound the duration of the calls in this block, and translate errors of Redis or of the connection to it.

    A deadline of the whole block, since redis-py's ``socket_timeout`` is one for each read and write: it starts a task
    for each command on Python 3.11, which takes a third as long again as the command itself.

    Args:
        timeout: Seconds; a command that blocks needs more than it blocks.

    Raises:
        SharedStateUnavailable: Redis can't be reached, doesn't reply in time, or refuses the command.
    """
    try:
        async with asyncio.timeout(timeout):
            yield
    except DataError:  # an argument that can't be sent: a bug, not an outage
        raise
    except (RedisError, OSError) as error:  # TimeoutError is an OSError
        raise SharedStateUnavailable(f"Redis: {type(error).__name__} {error}") from error


async def warn_of_eviction(redis: Redis) -> None:
    """Log a warning if Redis deletes keys once its memory is full: running answers would be among them.

    https://redis.io/docs/latest/develop/reference/eviction/
    """
    try:
        async with translating_errors():
            memory = await redis.info("memory")
    except SharedStateUnavailable:  # the user may not call INFO
        return
    policy = memory.get("maxmemory_policy", "noeviction")
    if memory.get("maxmemory") and policy != "noeviction":
        logger.warning("Redis may delete running answers: its maxmemory-policy is %s; set it to noeviction", policy)


def load_script(redis: Redis, name: str) -> AsyncScript:
    """Return the Lua script in a file of this folder, to be called with its keys and arguments."""
    return redis.register_script(Path(__file__).with_name(name).read_text("utf-8"))
