"""State of the conversation on the page, composed of mixins."""

from typing import Any

import reflex as rx

from chat_app.models.errors import NotFound, StorageUnavailable
from chat_app.state.conversation.message_box import get_outbox_ids
from chat_app.state.conversation.sending import SendingState
from chat_app.state.conversation.showing import Window
from chat_app.wiring import services


class ChatState(SendingState, rx.State):
    """The conversation that the page's address names, or a new one.

    The mixins hold the vars beside these: ``error`` (errors.py); the menu of models (model_menu.py); ``messages``,
    ``latest``, ``is_loading`` and the conversation (showing.py). The live answer streams in following.py; messages are
    sent in sending.py, after a time in the queue (queue.py) if another answer streams.

    Attributes:
        is_demo: Whether the built-in model answers.
        max_chars: The maximum length of a message; 0 until the server has sent it.
    """

    is_demo: bool = False
    max_chars: int = 0

    _needs_load: bool = False  # storage was unavailable

    @rx.event
    async def load(self) -> Any:
        """Show the conversation that the address names, as storage has it, and follow its answer if one streams."""
        self.is_demo = services().settings.is_demo
        self.max_chars = services().settings.max_message_chars
        self.max_file_bytes = services().settings.max_file_bytes
        self.max_files = services().settings.max_files
        self._show_models()
        try:
            return await self._load()
        except StorageUnavailable:
            self._load_after_outage()
            raise

    def _load_after_outage(self) -> None:
        """Have ``ConversationList.watch`` load everything once storage is back."""
        self._needs_load = True
        services().changes.wake(self._principal)

    async def _load(self) -> list[Any]:
        """Load the conversation that the address names; returns the events that have to follow.

        Raises:
            StorageUnavailable: Storage is away.
        """
        shown_id, self.conversation_id = self.conversation_id, ""
        try:
            await self._show(*await self._wanted(shown_id))
        except NotFound:
            await self._show(None, Window())
            self.is_missing = True
        self._needs_load = False
        next_message = [ChatState.send_next] if self._is_next_due else []
        following = [ChatState.follow] if self.is_loading else next_message
        return [*following, get_outbox_ids(ChatState.restore_unsent)]

    async def _catch_up(self) -> list[Any]:
        """Repeat a load that failed in an outage of storage, or show changes; returns the events that have to follow.

        Raises:
            StorageUnavailable: Storage is away.
        """
        if self._needs_load:
            return await self._load()
        return [ChatState.follow] if await self._refresh() else []
