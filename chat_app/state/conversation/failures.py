"""What the page says when a handler fails in a way that nobody foresaw."""

import logging

import reflex as rx

from chat_app.models.errors import ChatError, StorageUnavailable
from chat_app.state.conversation.chat import ChatState

logger = logging.getLogger(__name__)


class Failures(ChatState):
    """Tells of failures where the conversation's errors are."""

    @rx.event(background=True)
    async def tell(self, code: str) -> None:
        """Show the error.

        Args:
            code: Its code in ``chat_app.models.errors``.
        """
        try:
            async with self:
                await self._report(code if isinstance(code, str) else ChatError.code)
                # Trying again would repeat the last question, which needn't be the event that has failed.
                self.can_retry = False
        except Exception:  # told of as well, it would fail again and again
            logger.exception("a failure could not be told")


def report_failure(exception: Exception) -> rx.event.EventSpec:
    """Log the cause; the event that says so on the page."""
    code = exception.code if isinstance(exception, ChatError) else ChatError.code
    if isinstance(exception, StorageUnavailable):  # the outage itself is logged once
        logger.warning("a handler failed: %s", exception)
    else:
        logger.error("a handler failed", exc_info=exception)
    return Failures.tell(code)  # type: ignore[return-value] - it is one, typed as what takes it
