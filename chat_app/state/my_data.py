"""Everything that is the visitor's: taken away, brought back, deleted."""

from collections.abc import AsyncGenerator
from typing import Any

import reflex as rx

from chat_app.models.errors import ChatError
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
        try:
            data = await services().exports.everything(self._owner)
        except ChatError as error:
            self.outcome = (await self._texts()).errors[error.code]
            return None
        return rx.download(data=data, filename="conversations.json")

    @rx.event
    async def tell(self, failure: str | None) -> None:
        """Say what came of an import: why it failed, if it did; ``None`` if nobody knows why."""
        texts = await self._texts()
        match failure:
            case "":
                self.outcome = texts.imported
            case str():
                self.outcome = failure[:MAX_CHARS]
            case _:
                self.outcome = texts.errors[ChatError.code]

    @rx.event
    async def delete(self) -> AsyncGenerator[Any, None]:
        """Delete all of them for good, with what was typed and not sent."""
        await services().conversations.delete_all(self._owner)
        yield rx.call_script(_FORGET_DRAFTS)
        yield rx.redirect("/")
