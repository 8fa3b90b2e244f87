"""Actions on a message: edit, regenerate, continue, switch versions, rate."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import reflex as rx

from chat_app.models.conversation import Conversation
from chat_app.models.errors import ChatError
from chat_app.state.conversation.chat import ChatState
from chat_app.state.conversation.message_box import MESSAGE_BOX
from chat_app.state.conversation.message_view import MessageView
from chat_app.state.event_helpers import assign, text_in
from chat_app.wiring import services

COMMENT = "comment"


class MessageActions(ChatState):
    """Event handlers of the buttons at a message."""

    @rx.event
    async def edit(self, message_id: str, form: dict[str, Any]) -> Any:
        """Edit the visitor's message: add a version of it and answer that."""
        if not (text := text_in(form, MESSAGE_BOX)).strip():
            return None
        questions = services().questions
        return await self._change_message(
            message_id, lambda conversation, row_id: questions.edit(self._caller, conversation, row_id, text)
        )

    @rx.event
    async def regenerate(self, answer_id: str) -> Any:
        """Regenerate an answer: add a version of it, by the same model or agent."""
        return await self._regenerate(answer_id, "")

    @rx.event
    async def regenerate_with(self, answer_id: str, model: str) -> Any:
        """Add a version of an answer by another model or agent."""
        if isinstance(model, str) and services().agents.get(model):
            return await self._regenerate(answer_id, model)
        return None

    @rx.event
    async def continue_answer(self, answer_id: str) -> Any:
        """Continue an answer where it ended."""
        questions = services().questions
        return await self._change_message(
            answer_id, lambda conversation, row_id: questions.continue_answer(self._caller, conversation, row_id)
        )

    @rx.event
    async def show_version(self, message_id: str) -> Any:
        """Switch to another version of a message, with the messages that follow it."""
        if isinstance(message_id, str) and message_id:
            return await self._change(lambda conversation: services().versions.switch_branch(conversation, message_id))
        return None

    @rx.event
    async def rate(self, answer_id: str, rating: int) -> None:
        """Store the rating of an answer; 0 removes it, and its comment."""
        if (row := self._row(answer_id)) and isinstance(rating, int):
            await self._store_feedback(row, rating, row.comment if rating else "")

    @rx.event
    async def comment(self, answer_id: str, form: dict[str, Any]) -> None:
        """Store the comment on an answer."""
        if row := self._row(answer_id):
            await self._store_feedback(row, row.rating, text_in(form, COMMENT).strip())

    async def _regenerate(self, answer_id: object, model: str) -> Any:
        questions = services().questions
        return await self._change_message(
            answer_id,
            lambda conversation, row_id: questions.regenerate(self._caller, conversation, row_id, model=model),
        )

    async def _change_message(
        self, message_id: object, change: Callable[[Conversation, str], Awaitable[object]]
    ) -> Any:
        """Change a message if it is on the page. After a double click, it isn't any more."""
        if row := self._row(message_id):
            return await self._change(lambda conversation: change(conversation, row.id))
        return None

    def _row(self, message_id: object) -> MessageView | None:
        return next((row for row in self._rows if row.id == message_id), None)

    async def _store_feedback(self, row: MessageView, rating: int, comment: str) -> None:
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
