"""Unexpected failures of event handlers, as errors on the page."""

import logging

import reflex as rx

from chat_app.models.errors import ChatError, StorageUnavailable
from chat_app.state.conversation.chat import ChatState

logger = logging.getLogger(__name__)


class Failures(ChatState):
    """Shows a failure where the conversation's errors are."""

    @rx.event(background=True)
    async def show_error(self, code: str) -> None:
        """Show an error without an offer to retry.

        Args:
            code: A code in ``chat_app.models.errors``.
        """
        try:
            async with self:
                await self._report(code if isinstance(code, str) else ChatError.code)
                # A retry would repeat the last question, and another event may have failed.
                self.can_retry = False
        except Exception:  # raising it would call this handler again, endlessly
            logger.exception("a failure could not be shown")


def report_failure(exception: Exception) -> rx.event.EventSpec:
    """Log a handler's failure; returns the event that shows it on the page."""
    code = exception.code if isinstance(exception, ChatError) else ChatError.code
    if isinstance(exception, StorageUnavailable):  # the outage itself is logged once
        logger.warning("a handler failed: %s", exception)
    else:
        logger.error("a handler failed", exc_info=exception)
    return Failures.show_error(code)  # type: ignore[return-value] - an event, typed as its handler
