"""Sending a message, stopping and retrying its answer."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import asdict, replace
from typing import Any

import reflex as rx

from chat_app.models.conversation import Conversation
from chat_app.models.errors import ChatError, InvalidRequest
from chat_app.models.message import new_id
from chat_app.services.asking.questions import Exchange
from chat_app.services.conversations.settings import ensure_valid
from chat_app.state.conversation.following import FollowingState
from chat_app.state.conversation.live_answer import LiveAnswer
from chat_app.state.conversation.message_box import (
    MESSAGE_BOX,
    MODEL_MENU,
    prepend_text,
    remove_from_outbox,
    restore_from_outbox,
    valid_ids,
)
from chat_app.state.conversation.message_view import MessageView, view
from chat_app.state.conversation.queue import QueuedMessage
from chat_app.state.conversation.settings_form import SettingsForm, settings_in
from chat_app.state.conversation.showing import Window
from chat_app.state.event_helpers import text_in
from chat_app.wiring import services

LATEST = 8  # messages in the list that changes with each of them
LATEST_BYTES = 8_192  # of their text, before they move to the others, of which the oldest then leave the page

Events = AsyncGenerator[Any, None]


class SendingState(FollowingState, rx.State, mixin=True):
    """Mixin: sending a message, stopping and retrying its answer, restoring unsent messages."""

    @rx.event
    async def send(self, form: dict[str, Any], sent_id: str) -> Events:
        """Send the message in the box, show it at once, and leave the answer to ``follow``.

        While another answer streams, the message waits in the queue.

        Args:
            form: The values of the form with the message box.
            sent_id: The id that the browser has chosen for the answer, so that it can ask after a lost connection
                whether the message has arrived; empty where the browser keeps no outbox.
        """
        text = text_in(form, MESSAGE_BOX)
        attachments = [each for each in self.attachments if each.conversation_id == self.conversation_id]
        if not text.strip() and not attachments:
            return
        sent_ids = valid_ids([sent_id])
        try:
            chosen = text_in(form, MODEL_MENU)
            message = QueuedMessage(
                id=next(iter(sent_ids), new_id()),
                text=text,
                model=chosen if await services().models.find(chosen) else "",
                conversation_id=self.conversation_id,
                attachments=attachments,
            )
            is_waiting = await self._has_to_wait(message)
            if is_waiting:
                self._add_to_queue(message)
            following = [] if is_waiting else await self._deliver(message)
            self._detach(message.file_ids)
            if is_waiting:
                return
        except Exception as error:
            yield [prepend_text(MESSAGE_BOX, text), remove_from_outbox(sent_ids)]
            if not isinstance(error, ChatError):
                raise
            # The visitor sends it again from the box; a retry would answer the previous question.
            await self._refuse(error, can_retry=False)
            return
        yield [*following, rx.set_focus(MESSAGE_BOX)]

    @rx.event
    async def restore_unsent(self, sent: list[str]) -> Events:
        """Put messages that were lost with a connection back into the message box.

        The browser calls this after all other events on the new connection, so that messages sent on it have arrived.

        Args:
            sent: The ids of the messages in the browser's outbox.
        """
        queued = {each.id for each in self.queue}  # they stay in the outbox too
        if not (sent_ids := [each for each in valid_ids(sent) if each not in queued]):
            return
        arrived_in = {each: await services().questions.conversation_of(self._principal, each) for each in sent_ids}
        lost = [sent_id for sent_id, conversation_id in arrived_in.items() if not conversation_id]
        yield [restore_from_outbox(MESSAGE_BOX, lost), remove_from_outbox(sent_ids)]
        # A first message arrived, but the redirect to its conversation was lost with the connection.
        begun = next(filter(None, arrived_in.values()), None)
        if begun and self.is_new:
            yield rx.redirect(f"/chat/{begun}")

    @rx.event
    async def refuse_long(self) -> None:
        """Show the error for a message that is too long. The browser hasn't sent it."""
        await self._refuse(InvalidRequest(), can_retry=False)

    @rx.event
    async def change_settings(self, form: dict[str, Any]) -> None:
        """Change the settings of the conversation; those of a new one are stored with its first message."""
        try:
            settings = settings_in(form)
            ensure_valid(settings)
            if conversation := await self._conversation():
                await services().conversations.change_settings(self._principal, conversation.id, settings)
        except ChatError as error:
            await self._refuse(error, can_retry=False)
            return
        self.settings = SettingsForm.of(settings)

    @rx.event
    async def try_again(self) -> Any:
        """Retry the answer to the last question."""
        questions = services().questions
        return await self._change(lambda conversation: questions.retry(self._caller, conversation), can_retry=True)

    @rx.event
    async def stop(self) -> None:
        """Stop the answer that streams; its text so far stays."""
        if self.live_id:
            await services().answers.stop(self.live_id, self._principal)

    async def _has_to_wait(self, message: QueuedMessage) -> bool:
        """Whether an answer to another message streams in the conversation that the address names.

        Raises:
            ChatError: The visitor has no such conversation, or storage is away.
        """
        if not self.is_loading or any(row.id == message.id for row in self._rows):
            return False
        conversation = await self._conversation()
        return conversation is not None and conversation.id == self.conversation_id

    async def _deliver(self, message: QueuedMessage) -> list[Any]:
        """Ask in this conversation, or in a new one, and show the question and its answer.

        Returns:
            The events that have to follow.

        Raises:
            ChatError: As ``Questions.ask``.
        """
        known = await self._conversation()
        exchange = await self._ask(known, message)
        sent = remove_from_outbox([message.id])
        if any(row.id == exchange.answer.id for row in self._rows):  # the event came twice
            return [sent]
        self.conversation_id = exchange.message.conversation_id
        self._select(exchange.answer.author_id)
        await self._begin(view(exchange.message), view(exchange.answer))
        redirect = [] if known else [rx.redirect(f"/chat/{self.conversation_id}")]
        return [sent, type(self).follow, *redirect]

    async def _ask(self, conversation: Conversation | None, message: QueuedMessage) -> Exchange:
        """Ask in this conversation, or in a new one.

        Raises:
            ChatError: As ``Questions.ask``.
        """
        if conversation is None:
            settings = settings_in(asdict(self.settings))
            return await services().questions.begin_conversation(
                self._caller,
                message.text,
                message.id,
                model=message.model,
                settings=settings,
                file_ids=message.file_ids,
            )
        # After the last message on this page: another tab may have switched to another branch.
        seen = self._latest_id if conversation.id == self.conversation_id else None
        return await services().questions.ask(
            self._caller,
            conversation,
            message.text,
            message.id,
            after=seen,
            model=message.model,
            file_ids=message.file_ids,
        )

    async def _change(self, change: Callable[[Conversation], Awaitable[object]], *, can_retry: bool = False) -> Any:
        """Change the conversation, show the result, and follow the answer if one has begun.

        Args:
            can_retry: As ``_refuse``.
        """
        try:
            if (conversation := await self._conversation()) is None:
                return None
            changed = await change(conversation)
            begun = changed.answer if isinstance(changed, Exchange) else None
            await self._show(await self._conversation(), self._window, begun)
        except ChatError as error:
            await self._refuse(error, can_retry=can_retry)
            return None
        return type(self).follow if self.is_loading else None

    async def _begin(self, question: MessageView, answer: MessageView) -> None:
        """Show a question and its answer, which has just begun."""
        if len(self.latest) > 1 and self.latest[-1].is_unanswered:
            *others, before, last = self.latest
            self.latest = [*others, replace(before, is_unanswered=True), last]
        if len(self.latest) + 2 > LATEST or sum(row.size for row in self.latest) > LATEST_BYTES:
            rows = self._rows
            count = Window().count([row.size for row in rows])
            self.has_earlier = self.has_earlier or len(rows) > count
            self.messages, self.latest = rows[-count:], []
        self.latest = [*self.latest, question, answer]
        self.is_loading = True
        (await self.get_state(LiveAnswer))._switch_to(answer.id)
        await self._report("")
