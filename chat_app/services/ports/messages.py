"""Port: the messages of stored conversations, a tree for each."""

from collections.abc import Collection, Sequence
from typing import Protocol

from chat_app.models.answer_record import EndedAnswer, Progress
from chat_app.models.conversation import Conversation
from chat_app.models.message import Message, Rating
from chat_app.models.principal import Principal


class MessageStore(Protocol):
    """The messages of conversations.

    Methods that take an owner ignore other owners' and soft-deleted conversations. The others don't check: their
    callers have looked up the conversation.
    """

    async def add_messages(self, messages: Sequence[Message], *, seen: Conversation | None = None) -> None:
        """Add messages of one conversation in one transaction; the last becomes its ``latest_id``.

        Args:
            seen: The conversation as the caller has read it (optimistic lock): of all callers that have read the same
                ``latest_id``, in any process, one succeeds. ``None`` to add the messages whatever the latest one is.

        Raises:
            Busy: The conversation has another ``latest_id`` than ``seen``.
            Conflict: An id is already taken.
            NotFound: The conversation has been deleted.
        """
        ...

    async def message(self, owner: Principal, message_id: str) -> Message | None:
        """Return the message; ``None`` if the owner has no message with this id."""
        ...

    async def branch(self, message_id: str | None, limit: int | None) -> list[Message]:
        """Return the message and its ancestors, oldest first; the newest ``limit`` of them, or all."""
        ...

    async def depth(self, message_id: str, leaf_id: str | None) -> int | None:
        """Count the messages from this one to its descendant ``leaf_id``, both included; ``None`` if it is none."""
        ...

    async def tree(self, conversation_id: str) -> list[Message]:
        """Return all messages of all branches; parents come before their replies."""
        ...

    async def replies(self, conversation_id: str, parent_ids: Collection[str | None]) -> dict[str | None, list[str]]:
        """Return the ids of the replies to each parent, oldest first; the first messages' parent is ``None``.

        Answers that failed before their first word are left out.
        """
        ...

    async def newest_leaf(self, message_id: str) -> str:
        """Return the id of the newest leaf below this message; its own id if it has no replies."""
        ...

    async def rate(self, owner: Principal, message_id: str, rating: Rating, comment: str) -> bool:
        """Store the owner's rating of an answer; ``False`` without such an answer."""
        ...

    async def streaming(self, owner: Principal, conversation_id: str | None = None) -> list[str]:
        """Return the ids of the owner's answers that stream, in one conversation or in all."""
        ...

    async def save_progress(self, answers: Sequence[Progress]) -> Collection[str]:
        """Save the new parts of streaming answers, in one transaction; answers that have ended stay as they are.

        Returns:
            The ids of those whose conversation is deleted, soft or for good.
        """
        ...

    async def finish(self, answers: Sequence[EndedAnswer]) -> Collection[str]:
        """Store the ends of answers that still stream, in one transaction; deleted answers are skipped.

        Returns:
            The ids of those that had ended before with another outcome, which stays. Storing the same end again, after
            a connection that was lost during the commit, is no such case.
        """
        ...

    async def all_streaming(self) -> list[str]:
        """Return the ids of all answers that stream, of all owners."""
        ...

    async def interrupt(self, answer_ids: Collection[str]) -> int:
        """Mark answers that still stream as failed with ``Interrupted``; their text stays. Returns their number."""
        ...
