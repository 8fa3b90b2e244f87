"""What the business layer needs from the outside world. ``chat_app.infrastructure`` fulfils it."""

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from typing import Protocol

from chat_app.models.conversation import Conversation
from chat_app.models.events import AnswerEvent, Entry, Finish, ModelEvent
from chat_app.models.message import Message, Status, Turn


class Provider(Protocol):
    """A language model."""

    def stream(self, turns: Sequence[Turn]) -> AsyncGenerator[ModelEvent, None]:
        """Answer the last of ``turns``; ends with one ``Finish``. Closing the iterator ends the model's work too.

        Raises:
            ModelError: The model, or the way to it, failed. Pieces yielded before stand.
        """
        ...


class AnswerLog(Protocol):
    """The append-only logs of all answers, running and lately ended."""

    async def create(self, answer_id: str, owner: str) -> bool:
        """Open an empty log; ``False``, and nothing changes, if the id has one already."""
        ...

    async def owner(self, answer_id: str) -> str | None:
        """Who the answer belongs to, ``None`` if there is no such log."""
        ...

    async def append(self, answer_id: str, event: AnswerEvent) -> None: ...

    def read(self, answer_id: str, after: int = 0) -> AsyncGenerator[list[Entry], None]:
        """All entries past position ``after``, in batches as they come, up to and with ``Done``.

        A batch is whatever has gathered since the reader last asked, so a slow reader gets fewer, larger ones.
        Ends at once if there is no such log.
        """
        ...

    async def request_stop(self, answer_id: str) -> None:
        """Ask whoever writes the log to stop. Without effect on an unknown or ended one."""
        ...

    async def stop_requested(self, answer_id: str) -> None:
        """Return once somebody has asked to stop."""
        ...


class Store(Protocol):
    """Conversations and their messages, kept for good."""

    async def add_conversation(self, conversation: Conversation) -> None: ...

    async def conversation(self, owner: str, conversation_id: str) -> Conversation | None:
        """``None`` if there is none or it is someone else's."""
        ...

    async def conversations(self, owner: str, limit: int, before: datetime | None = None) -> list[Conversation]:
        """The owner's, most recently updated first, at most ``limit``, only those updated earlier than ``before``."""
        ...

    async def delete_conversation(self, owner: str, conversation_id: str) -> bool:
        """Delete it with its messages; ``False`` if there is none or it is someone else's."""
        ...

    async def add_messages(self, messages: Sequence[Message]) -> None:
        """Add messages of one conversation in one transaction; the last becomes its ``latest_id``.

        Raises:
            Conflict: An id is already taken.
            NotFound: The conversation is gone.
        """
        ...

    async def message(self, owner: str, message_id: str) -> Message | None:
        """``None`` if there is none or its conversation is someone else's."""
        ...

    async def branch(self, message_id: str | None, limit: int) -> list[Message]:
        """The message and those it replies to, oldest first, at most ``limit`` of the newest."""
        ...

    async def save_progress(self, message_id: str, text: str, reasoning: str) -> None:
        """Keep what a streaming answer has so far; without effect once it has ended or is deleted."""
        ...

    async def finish(
        self, message_id: str, *, text: str, reasoning: str, status: Status, finish: Finish, error_code: str
    ) -> None:
        """Keep an answer as it ended; without effect if it is deleted."""
        ...

    async def interrupt_streaming(self) -> int:
        """Whatever still says it streams has failed as ``Interrupted``, and keeps its text; returns how many."""
        ...
