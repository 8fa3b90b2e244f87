"""What can be done with a message: asked in other words, answered anew, continued, rated; its versions shown."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import reflex as rx

from chat_app.models.conversation import Conversation
from chat_app.models.errors import ChatError
from chat_app.state.assign import assign
from chat_app.state.conversation.chat import MESSAGE_BOX, ChatState
from chat_app.state.conversation.message_view import MessageView
from chat_app.state.form import text_in
from chat_app.wiring import services

COMMENT = "comment"


class MessageActions(ChatState):
    """The handlers behind the buttons at the messages."""

    @rx.event
    async def edit(self, message_id: str, form: dict[str, Any]) -> Any:
        """Ask in other words: another version of the visitor's message, and its answer."""
        if not (text := text_in(form, MESSAGE_BOX)).strip():
            return None
        questions = services().questions
        return await self._with(message_id, lambda talk, row_id: questions.edit(self._caller, talk, row_id, text))

    @rx.event
    async def regenerate(self, answer_id: str) -> Any:
        """Answer the same question again: another version of the answer."""
        questions = services().questions
        return await self._with(answer_id, lambda talk, row_id: questions.regenerate(self._caller, talk, row_id))

    @rx.event
    async def continue_answer(self, answer_id: str) -> Any:
        """Go on where the answer ended."""
        questions = services().questions
        return await self._with(answer_id, lambda talk, row_id: questions.continue_answer(self._caller, talk, row_id))

    @rx.event
    async def show_version(self, message_id: str) -> Any:
        """Go to another version of a message, and to what followed it."""
        if isinstance(message_id, str) and message_id:
            return await self._change(lambda conversation: services().versions.switch_branch(conversation, message_id))
        return None

    @rx.event
    async def rate(self, answer_id: str, rating: int) -> None:
        """Keep whether an answer is good; a comment goes with the rating that it explains."""
        if (row := self._row(answer_id)) and isinstance(rating, int):
            await self._keep(row, rating, row.comment if rating else "")

    @rx.event
    async def comment(self, answer_id: str, form: dict[str, Any]) -> None:
        """Keep what the visitor says about an answer."""
        if row := self._row(answer_id):
            await self._keep(row, row.rating, text_in(form, COMMENT).strip())

    async def _with(self, message_id: object, change: Callable[[Conversation, str], Awaitable[object]]) -> Any:
        """Change a message on the page. What isn't there any more was pressed twice."""
        if row := self._row(message_id):
            return await self._change(lambda conversation: change(conversation, row.id))
        return None

    def _row(self, message_id: object) -> MessageView | None:
        return next((row for row in self._rows if row.id == message_id), None)

    async def _keep(self, row: MessageView, rating: int, comment: str) -> None:
        try:
            await services().feedback.rate(self._principal, row.id, rating, comment)
        except ChatError as error:
            await self._refuse(error, can_retry=False)
            return
        rated = replace(row, rating=rating, comment=comment)
        messages, latest = (
            [rated if each.id == row.id else each for each in rows] for rows in (self.messages, self.latest)
        )
        assign(self, messages=messages, latest=latest)
