"""Starting during an outage of Redis or PostgreSQL.

gunicorn ends the whole server when a worker fails to start, also one that takes the place of a crashed worker.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from chat_app.config import ConfigError
from chat_app.models.errors import StorageUnavailable

logger = logging.getLogger(__name__)


async def wait_for_servers(
    *checks: Callable[[], Awaitable[object]], max_wait: float = 30.0, interval: float = 0.5
) -> None:
    """Wait until no check raises ``ConfigError`` or ``StorageUnavailable``, at most ``max_wait`` seconds.

    The start goes on afterwards, and fails with the error if there still is one.

    Args:
        interval: Seconds between attempts.
    """
    loop = asyncio.get_running_loop()
    deadline, has_failed = loop.time() + max_wait, False
    while loop.time() < deadline:
        try:
            for check in checks:
                await check()
        except (ConfigError, StorageUnavailable) as error:
            if not has_failed:
                # An outage needs no traceback.
                logger.error("the start waits at most %.0f s for a server: %s", max_wait, error)  # noqa: TRY400
            has_failed = True
            await asyncio.sleep(interval)
        else:
            return
