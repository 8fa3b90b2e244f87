"""Messages that were sent while an answer streams: they wait in a queue, and are sent one after another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import reflex as rx

from chat_app.models.errors import Busy, ChatError
from chat_app.state.conversation.attachments import Attachment, AttachmentState
from chat_app.state.conversation.message_box import MESSAGE_BOX, prepend_text, remove_from_outbox

MAX_QUEUED = 10
MAX_QUEUED_CHARS = 16_000  # the server keeps them, for each page


@dataclass(frozen=True, kw_only=True)
class QueuedMessage:
    """A message that waits for the end of an answer.

    Attributes:
        id: The id that its answer will have. The browser's outbox has the message too, until it is sent.
        model: The name of the agent; empty for the default agent.
        attachments: Its files.
    """

    id: str
    text: str
    model: str
    conversation_id: str
    attachments: Sequence[Attachment] = ()

    @property
    def file_ids(self) -> list[str]:
        """The ids of its files."""
        return [each.file.id for each in self.attachments]


class QueueState(AttachmentState, rx.State, mixin=True):
    """Mixin: the queue of each conversation of this page.

    Attributes:
        queue: The messages that wait, in all conversations, oldest first.
    """

    queue: rx.Field[list[QueuedMessage]] = rx.field(default_factory=list)

    @rx.var
    def queued(self) -> list[QueuedMessage]:
        """The messages that wait in this conversation, the next one first."""
        return [each for each in self.queue if each.conversation_id == self.conversation_id]

    @rx.event
    async def send_next(self) -> list[Any] | None:
        """Send the first message of the queue, unless an answer streams."""
        if self.is_loading or not self.queued:
            return None
        message = self.queued[0]
        try:
            following = await self._deliver(message)
        except ChatError as error:  # the message stays in the queue
            await self._refuse(error, can_retry=False)
            return None
        self._remove_from_queue(message.id)
        return following

    @rx.event
    def take_back(self, message_id: str) -> list[Any] | None:
        """Move a message from the queue back into the message box."""
        message = next((each for each in self.queue if each.id == message_id), None)
        if message is None:
            return None
        self._remove_from_queue(message.id)
        self.attachments = [*self.attachments, *message.attachments]
        return [
            prepend_text(MESSAGE_BOX, message.text),
            remove_from_outbox([message.id]),
            rx.set_focus(MESSAGE_BOX),
        ]

    @property
    def _is_next_due(self) -> bool:
        """Whether the next message can be sent by itself: the last answer is complete."""
        return bool(self.queued) and not self.is_loading and bool(self.latest) and self.latest[-1].is_complete

    def _add_to_queue(self, message: QueuedMessage) -> None:
        """Add a message, once.

        Raises:
            Busy: The queue is full.
        """
        if any(each.id == message.id for each in self.queue):  # the event came twice
            return
        chars = sum(len(each.text) for each in [*self.queue, message])
        if len(self.queue) == MAX_QUEUED or chars > MAX_QUEUED_CHARS:
            raise Busy(f"{len(self.queue)} messages wait, with the new one {chars} characters")
        self.queue = [*self.queue, message]

    def _remove_from_queue(self, message_id: str) -> None:
        self.queue = [each for each in self.queue if each.id != message_id]

    async def _deliver(self, message: QueuedMessage) -> list[Any]:
        """Send a message; implemented by ``SendingState``. Returns the events that have to follow.

        Raises:
            ChatError: As ``Questions.ask``.
        """
        raise NotImplementedError
