"""The error on the page."""

import logging
from math import ceil

import reflex as rx

from chat_app.models.errors import ChatError, FileRefused, StorageUnavailable, is_retryable
from chat_app.state.visitor import VisitorState

logger = logging.getLogger(__name__)


class ErrorState(VisitorState, rx.State, mixin=True):
    """Mixin: the error of the conversation, in the visitor's language.

    Attributes:
        error: The error's text; empty without an error.
        can_retry: Whether a retry can help.
        failed_id: The id of the answer that failed with ``error``; empty if the error is about something else.
    """

    error: str = ""
    can_retry: bool = False
    failed_id: str = ""

    async def _refuse(self, error: ChatError, *, can_retry: bool) -> None:
        """Show the error of a refused or failed action.

        Args:
            can_retry: Whether to offer a retry if the error is retryable.
        """
        if isinstance(error, StorageUnavailable):
            logger.warning("an event of the page failed: %s, %r", error.code, str(error))
        await self._report(error.code, error.retry_after)
        if isinstance(error, FileRefused):
            self.error = (await self._texts()).file_problems[error.problem].format_map(error.values)
        self.can_retry = self.can_retry and can_retry

    async def _report(self, code: str, retry_after: float | None = None, answer_id: str = "") -> None:
        """Show the error with this code; none with an empty code.

        Args:
            retry_after: Seconds to wait before a retry, if known.
            answer_id: The id of the answer that failed with it, if one did.
        """
        texts = await self._texts()
        self.error = texts.errors.get(code, texts.errors[ChatError.code]) if code else ""
        if retry_after:
            self.error += " " + texts.retry_after.format(seconds=ceil(retry_after))
        self.can_retry = bool(code) and is_retryable(code)
        self.failed_id = answer_id if code else ""
