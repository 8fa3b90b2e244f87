"""Purge of soft-deleted conversations."""

import asyncio
import logging
from datetime import timedelta

from chat_app.models.message import now
from chat_app.services.ports import ConversationStore

logger = logging.getLogger(__name__)


async def keep_purging(store: ConversationStore, *, retention: float, interval: float = 3600) -> None:
    """Purge soft-deleted conversations at once, then periodically until cancelled.

    Args:
        retention: Seconds from the soft delete to the purge.
        interval: Seconds between purges.
    """
    while True:
        try:
            await store.purge(now() - timedelta(seconds=retention))
        except Exception:  # retried after ``interval``
            logger.exception("deleted conversations could not be purged")
        await asyncio.sleep(interval)
