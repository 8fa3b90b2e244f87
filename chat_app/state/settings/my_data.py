"""The visitor's data: export, import, deletion."""

from collections.abc import AsyncGenerator
from typing import Any

import reflex as rx

from chat_app.models.errors import ChatError
from chat_app.services.transfer.exports import file_name
from chat_app.state.conversation.message_box import delete_drafts
from chat_app.state.sidebar.conversation_list import ConversationList
from chat_app.state.visitor import VisitorState
from chat_app.wiring import services

MAX_CHARS = 500  # of an error message that the browser passes on


class MyData(VisitorState, rx.State):
    """All conversations of the visitor.

    Attributes:
        outcome: The result of the last import, or the error of an export.
    """

    outcome: str = ""

    @rx.event
    async def export(self) -> Any:
        """Download all conversations in one file."""
        texts = await self._texts()
        try:
            data = await services().exports.everything(self._principal)
        except ChatError as error:
            self.outcome = texts.errors[error.code]
            return None
        today = (await self.get_state(ConversationList))._today
        return rx.download(data=data, filename=file_name(texts.all_conversations, today, "json"))

    @rx.event
    async def show_import_result(self, reply: dict[str, Any] | None) -> None:
        """Show the result of an import.

        Args:
            reply: The body of the API's response, ``None`` if there was no response.
        """
        texts = await self._texts()
        match reply:
            case {"error": {"message": str(message)}}:
                self.outcome = message[:MAX_CHARS]
            case {"conversations": int(added), "already_there": int(present)}:
                self.outcome = texts.imported.format(count=added) if added else texts.nothing_imported
                if present:
                    self.outcome += f" {texts.already_there.format(count=present)}"
            case _:
                self.outcome = texts.errors[ChatError.code]

    @rx.event
    async def delete(self) -> AsyncGenerator[Any, None]:
        """Permanently delete all conversations, and the drafts in the browser."""
        await services().conversations.delete_all(self._principal)
        await services().files.purge()
        yield delete_drafts()
        yield rx.redirect("/")
