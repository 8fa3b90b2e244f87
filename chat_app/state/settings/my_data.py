"""Everything that is the visitor's: taken away, brought back, deleted."""

from collections.abc import AsyncGenerator
from typing import Any

import reflex as rx

from chat_app.models.errors import ChatError
from chat_app.services.transfer.exports import file_name
from chat_app.state.sidebar.conversation_list import ConversationList
from chat_app.state.visitor import VisitorState
from chat_app.wiring import services

MAX_CHARS = 500  # of what is said about an import

_FORGET_DRAFTS = """Object.keys(localStorage).filter((key) => key.startsWith("draft ")).forEach(
  (key) => localStorage.removeItem(key))"""


class MyData(VisitorState, rx.State):
    """All conversations of the visitor.

    Attributes:
        outcome: What came of the last import, or why nothing was exported.
    """

    outcome: str = ""

    @rx.event
    async def export(self) -> Any:
        """Download all of them in one file."""
        texts = await self._texts()
        try:
            data = await services().exports.everything(self._principal)
        except ChatError as error:
            self.outcome = texts.errors[error.code]
            return None
        today = (await self.get_state(ConversationList))._today
        return rx.download(data=data, filename=file_name(texts.all_conversations, today, "json"))

    @rx.event
    async def tell(self, reply: dict[str, Any] | None) -> None:
        """Show the result of an import.

        Args:
            reply: The API's reply as JSON, ``None`` without one.
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
        """Delete all of them for good, with what was typed and not sent."""
        await services().conversations.delete_all(self._principal)
        yield rx.call_script(_FORGET_DRAFTS)
        yield rx.redirect("/")
