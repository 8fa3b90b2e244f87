"""What a visitor can do with one of their conversations: rename, pin, export, delete."""

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
from chat_app.state.form import text_in
from chat_app.state.sidebar.conversation_list import ConversationList
from chat_app.state.visitor import VisitorState
from chat_app.wiring import services

TITLE_BOX = "title"
UNDO_TIME = 20  # seconds


class ConversationMenu(VisitorState, rx.State):
    """The menu of the conversation for which it was opened last.

    A conversation that another tab has deleted meanwhile is left alone: it vanishes from the list by itself.

    Attributes:
        title: Its title.
        is_pinned: Whether it is pinned.
        can_undo: Whether the conversation deleted last can still be restored from the page.
    """

    title: str = ""
    is_pinned: bool = False
    can_undo: bool = False

    _conversation_id: str = ""
    _deleted_id: str = ""

    @rx.event
    async def open(self, conversation_id: str) -> None:
        """Make it the menu of this conversation."""
        self._conversation_id = conversation_id if isinstance(conversation_id, str) else ""
        with suppress(NotFound):
            conversation = await services().conversations.get(self._principal, self._conversation_id)
            self.title, self.is_pinned = conversation.title, conversation.is_pinned

    @rx.event
    async def rename(self, form: dict[str, Any]) -> None:
        """Give it the title in the form; a blank one changes nothing, one that is too long is cut."""
        if title := " ".join(text_in(form, TITLE_BOX).split())[:MAX_TITLE_CHARS]:
            with suppress(NotFound):
                await services().conversations.rename(self._principal, self._conversation_id, title)

    @rx.event
    async def pin(self, is_pinned: bool) -> None:
        """Pin it, or no longer: as the entry says that was pressed, which may not know yet whether it is pinned."""
        if isinstance(is_pinned, bool):
            with suppress(NotFound):
                await services().conversations.pin(self._principal, self._conversation_id, is_pinned)

    @rx.event
    async def export_markdown(self) -> Any:
        """Download what was said, to read."""
        texts = await self._texts()
        names = {Role.USER: texts.you, Role.ASSISTANT: texts.assistant}
        async with self._explained():
            data = await services().exports.markdown(self._principal, self._conversation_id, names)
            return rx.download(data=data, filename=await self._file_name("md"))

    @rx.event
    async def export_json(self) -> Any:
        """Download all of it, to keep."""
        async with self._explained():
            data = await services().exports.json(self._principal, self._conversation_id)
            return rx.download(data=data, filename=await self._file_name("json"))

    @rx.event
    async def delete(self) -> AsyncGenerator[Any, None]:
        """Delete it, and leave its page."""
        with suppress(NotFound):
            await services().conversations.delete(self._principal, self._conversation_id)
            self._deleted_id, self.can_undo = self._conversation_id, True
            yield ConversationMenu.forget_deleted
            if (await self.get_state(ChatState)).conversation_id == self._deleted_id:
                yield rx.redirect("/")

    @rx.event
    async def undo(self) -> None:
        """Restore the one deleted last."""
        self.can_undo = False
        with suppress(NotFound):
            await services().conversations.restore(self._principal, self._deleted_id)

    @rx.event
    def dismiss(self) -> None:
        """Take the offer to restore it off the page."""
        self.can_undo = False

    @rx.event(background=True, supersedes=True)
    async def forget_deleted(self) -> None:
        """The same, by itself."""
        await asyncio.sleep(UNDO_TIME)
        async with self:
            self.can_undo = False

    async def _file_name(self, extension: str) -> str:
        today = (await self.get_state(ConversationList))._today
        return file_name(self.title or (await self._texts()).conversation, today, extension)

    @asynccontextmanager
    async def _explained(self) -> AsyncGenerator[None, None]:
        """Says on the page what is refused inside of it."""
        try:
            yield
        except NotFound:
            pass
        except ChatError as error:
            await (await self.get_state(ChatState))._refuse(error, can_retry=False)
