"""What the page says when a handler fails in a way that nobody foresaw."""

import logging

import reflex as rx

from chat_app.models.errors import ChatError
from chat_app.state.chat import ChatState

logger = logging.getLogger(__name__)


class Failures(ChatState):
    """Tells of failures where the conversation's errors are."""

    @rx.event(background=True)
    async def tell(self) -> None:
        """Say that something went wrong."""
        try:
            async with self:
                # What failed needn't be what would be tried again.
                await self._refuse(ChatError(), can_retry=False)
        except Exception:  # told of as well, it would fail again and again
            logger.exception("a failure could not be told")


def report_failure(exception: Exception) -> rx.event.EventSpec:
    """Log the cause; the event that says so on the page."""
    logger.error("a handler failed", exc_info=exception)
    return Failures.tell()  # type: ignore[return-value] - it is one, typed as what takes it
