"""Deleted conversations, gone for good after a while."""

import asyncio
import logging
from datetime import timedelta

from chat_app.models.message import now
from chat_app.services.ports import ConversationStore

logger = logging.getLogger(__name__)


async def keep_purging(store: ConversationStore, *, retention: float, interval: float = 3600) -> None:
    """Delete for good what was deleted more than ``retention`` seconds ago: at once, then whenever ``interval`` seconds
    have passed, until cancelled.
    """
    while True:
        try:
            await store.purge(now() - timedelta(seconds=retention))
        except Exception:  # the next time may be better
            logger.exception("deleted conversations could not be purged")
        await asyncio.sleep(interval)
