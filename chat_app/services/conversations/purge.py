"""Purge of soft-deleted conversations and of their files."""

import asyncio
import logging
from datetime import timedelta

from chat_app.models.message import now
from chat_app.services.files.files import Files
from chat_app.services.ports import ConversationStore

logger = logging.getLogger(__name__)


async def keep_purging(store: ConversationStore, files: Files, *, retention: float, interval: float = 3600) -> None:
    """Purge soft-deleted conversations and files without one at once, then periodically until cancelled.

    Args:
        retention: Seconds from the soft delete to the purge.
        interval: Seconds between purges.
    """
    while True:
        try:
            await store.purge(now() - timedelta(seconds=retention))
            await files.purge()
        except Exception:  # retried after ``interval``
            logger.exception("deleted conversations could not be purged")
        await asyncio.sleep(interval)
