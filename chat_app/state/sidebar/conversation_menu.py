"""The menu of a conversation: rename, pin, export, delete."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any

import reflex as rx

from chat_app.models.errors import ChatError, NotFound
from chat_app.models.message import Role
from chat_app.services.conversations.conversations import MAX_TITLE_CHARS
from chat_app.services.transfer.exports import file_name
from chat_app.state.conversation.chat import ChatState
from chat_app.state.event_helpers import text_in
from chat_app.state.sidebar.conversation_list import ConversationList
from chat_app.state.visitor import VisitorState
from chat_app.wiring import services

TITLE_BOX = "title"
UNDO_TIME = 20  # seconds


class ConversationMenu(VisitorState, rx.State):
    """The menu of the conversation that it was opened for last.

    Handlers ignore a conversation that another tab has deleted meanwhile: the list updates by itself.

    Attributes:
        title: The conversation's title.
        is_pinned: True if the conversation is pinned.
        can_undo: True while the page offers to restore the conversation deleted last.
    """

    title: str = ""
    is_pinned: bool = False
    can_undo: bool = False

    _conversation_id: str = ""
    _deleted_id: str = ""

    @rx.event
    async def open(self, conversation_id: str) -> None:
        """Open the menu for a conversation."""
        self._conversation_id = conversation_id if isinstance(conversation_id, str) else ""
        with suppress(NotFound):
            conversation = await services().conversations.get(self._principal, self._conversation_id)
            self.title, self.is_pinned = conversation.title, conversation.is_pinned

    @rx.event
    async def rename(self, form: dict[str, Any]) -> None:
        """Rename the conversation. A blank title is ignored, a long one truncated."""
        if title := " ".join(text_in(form, TITLE_BOX).split())[:MAX_TITLE_CHARS]:
            with suppress(NotFound):
                await services().conversations.rename(self._principal, self._conversation_id, title)

    @rx.event
    async def pin(self, is_pinned: bool) -> None:
        """Pin or unpin the conversation. Not a toggle, since the menu may show an outdated state."""
        if isinstance(is_pinned, bool):
            with suppress(NotFound):
                await services().conversations.pin(self._principal, self._conversation_id, is_pinned)

    @rx.event
    async def export_markdown(self) -> Any:
        """Download the messages as Markdown."""
        texts = await self._texts()
        names = {Role.USER: texts.you, Role.ASSISTANT: texts.assistant}
        async with self._errors_shown():
            data = await services().exports.markdown(self._principal, self._conversation_id, names)
            return rx.download(data=data, filename=await self._file_name("md"))

    @rx.event
    async def export_json(self) -> Any:
        """Download the complete conversation as JSON, which can be imported."""
        async with self._errors_shown():
            data = await services().exports.json(self._principal, self._conversation_id)
            return rx.download(data=data, filename=await self._file_name("json"))

    @rx.event
    async def delete(self) -> AsyncGenerator[Any, None]:
        """Delete the conversation, leave its page and offer to undo that."""
        with suppress(NotFound):
            await services().conversations.delete(self._principal, self._conversation_id)
            self._deleted_id, self.can_undo = self._conversation_id, True
            yield ConversationMenu.expire_undo
            if (await self.get_state(ChatState)).conversation_id == self._deleted_id:
                yield rx.redirect("/")

    @rx.event
    async def undo(self) -> None:
        """Restore the conversation deleted last."""
        self.can_undo = False
        with suppress(NotFound):
            await services().conversations.restore(self._principal, self._deleted_id)

    @rx.event
    def dismiss(self) -> None:
        """Withdraw the offer to undo."""
        self.can_undo = False

    @rx.event(background=True, supersedes=True)
    async def expire_undo(self) -> None:
        """Withdraw the offer to undo after ``UNDO_TIME``."""
        await asyncio.sleep(UNDO_TIME)
        async with self:
            self.can_undo = False

    async def _file_name(self, extension: str) -> str:
        today = (await self.get_state(ConversationList))._today
        return file_name(self.title or (await self._texts()).conversation, today, extension)

    @asynccontextmanager
    async def _errors_shown(self) -> AsyncGenerator[None, None]:
        """Show errors inside the context on the page."""
        try:
            yield
        except NotFound:
            pass
        except ChatError as error:
            await (await self.get_state(ChatState))._refuse(error, can_retry=False)
