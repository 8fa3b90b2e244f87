"""What the business layer needs from the outside world. ``chat_app.infrastructure`` fulfils it."""

from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from datetime import datetime
from typing import Protocol

from chat_app.models.answer_record import EndedAnswer, Progress, Report
from chat_app.models.conversation import Conversation, ListCursor, ListedConversation, SearchHit
from chat_app.models.events import START, AnswerEvent, Cursor, Entry, ProviderEvent
from chat_app.models.message import Message, Rating, Turn
from chat_app.models.principal import Principal
from chat_app.models.request import DEFAULT_OPTIONS, Options

Observe = Callable[[Report], None]
"""Takes notice of an ended answer; it doesn't raise."""


class Provider(Protocol):
    """A language model."""

    def stream(self, turns: Sequence[Turn], options: Options = DEFAULT_OPTIONS) -> AsyncGenerator[ProviderEvent, None]:
        """Answer the last of ``turns``; ends with one ``StepEnded``. Closing the iterator ends the model's work too.

        Raises:
            ModelError: The model, or the way to it, failed. Pieces yielded before stand.
        """
        ...

    async def close(self) -> None:
        """Close what connections to it there are. There must be no running answers."""
        ...


class AnswerLog(Protocol):
    """The append-only logs of all answers, running and lately ended."""

    async def create(self, answer_id: str, owner: Principal) -> bool:
        """Open an empty log; ``False``, and nothing changes, if the id has one already."""
        ...

    async def owner(self, answer_id: str) -> Principal | None:
        """Who the answer belongs to, ``None`` if there is no such log."""
        ...

    async def append(self, answer_id: str, event: AnswerEvent) -> None: ...

    def read(self, answer_id: str, after: Cursor = START) -> AsyncGenerator[list[Entry], None]:
        """All entries past ``after``, in batches as they come, up to and with ``Done``.

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


class RateLimiter(Protocol):
    """Counts how often somebody does something."""

    async def wait_for(self, times: int, seconds: int, *who: str) -> float:
        """Seconds until ``who`` may do it once more, 0 if they may now: ``times`` in ``seconds``."""
        ...

    async def count(self, times: int, seconds: int, *who: str) -> bool:
        """Count once more; whether that was within ``times`` in ``seconds``."""
        ...


class ConversationStore(Protocol):
    """Conversations, kept for good. One that is deleted can be restored for a while; apart from that it is gone."""

    async def add_conversation(self, conversation: Conversation, messages: Sequence[Message] = ()) -> None:
        """Add it with the messages it has already, if any; each comes after the one it replies to.

        Raises:
            Conflict: An id is already taken.
        """
        ...

    async def conversation(self, owner: Principal, conversation_id: str) -> Conversation | None:
        """``None`` if there is none or it is someone else's."""
        ...

    async def conversations(
        self, owner: Principal, limit: int | None, before: ListCursor | None = None, *, pinned: bool = False
    ) -> list[ListedConversation]:
        """The owner's that are pinned, or those that aren't, the most recently used first.

        Args:
            limit: How many at most; ``None`` for all.
            before: Only those that come after this place in the list.
        """
        ...

    async def search(self, owner: Principal, words: Sequence[str], limit: int) -> list[SearchHit]:
        """The owner's with all of these words in one message, or in the title; most recently used first.

        Args:
            words: At least one, in any order and case; each may be the middle of a longer one.
        """
        ...

    async def rename(self, owner: Principal, conversation_id: str, title: str) -> bool:
        """Give it the title its owner wants; ``False`` if there is none or it is someone else's."""
        ...

    async def suggest_title(self, owner: Principal, conversation_id: str, title: str) -> bool:
        """Give it this title, unless one has been chosen already; whether it got it."""
        ...

    async def pin(self, owner: Principal, conversation_id: str, is_pinned: bool) -> bool:
        """Pin it or not; ``False`` if there is none or it is someone else's."""
        ...

    async def switch_branch(self, conversation_id: str, message_id: str) -> None:
        """Make the branch that ends with this message the one last looked at."""
        ...

    async def delete_conversation(self, owner: Principal, conversation_id: str) -> bool:
        """Delete it with its messages; ``False`` if there is none or it is someone else's."""
        ...

    async def restore_conversation(self, owner: Principal, conversation_id: str) -> bool:
        """Undo its deletion; ``False`` if no such conversation of the owner's is deleted."""
        ...

    async def delete_all(self, owner: Principal) -> None:
        """Delete all the owner's, for good."""
        ...

    async def purge(self, deleted_before: datetime) -> int:
        """Delete for good what was deleted before this moment; returns how many conversations."""
        ...


class MessageStore(Protocol):
    """The messages of conversations.

    What takes an owner knows none of a conversation that is deleted. Whoever asks for the rest has found it before.
    """

    async def add_messages(self, messages: Sequence[Message]) -> None:
        """Add messages of one conversation in one transaction; the last becomes its ``latest_id``.

        Raises:
            Conflict: An id is already taken.
            NotFound: The conversation is gone.
        """
        ...

    async def message(self, owner: Principal, message_id: str) -> Message | None:
        """``None`` if there is none or its conversation is someone else's."""
        ...

    async def branch(self, message_id: str | None, limit: int | None) -> list[Message]:
        """The message and those it replies to, oldest first, at most ``limit`` of the newest; all without a limit."""
        ...

    async def depth(self, message_id: str, leaf_id: str | None) -> int | None:
        """How many messages there are from this one on to ``leaf_id``, both counted; ``None`` without such a way."""
        ...

    async def tree(self, conversation_id: str) -> list[Message]:
        """All messages of all branches; each comes after the one it replies to."""
        ...

    async def replies(self, conversation_id: str, parent_ids: Collection[str | None]) -> dict[str | None, list[str]]:
        """The ids of what replies to each of these messages, oldest first; to ``None``, a conversation's first do.

        Answers that failed without a word are none.
        """
        ...

    async def newest_leaf(self, message_id: str) -> str:
        """The id of the newest message without replies below this one; its own where it has none."""
        ...

    async def rate(self, owner: Principal, message_id: str, rating: Rating, comment: str) -> bool:
        """Keep what its owner thinks of an answer; ``False`` if there is none or it is someone else's."""
        ...

    async def streaming(self, owner: Principal, conversation_id: str | None = None) -> list[str]:
        """The ids of the answers being written for the owner, in this conversation or in all."""
        ...

    async def save_progress(self, answers: Sequence[Progress]) -> Collection[str]:
        """Save what streaming answers have gained, in one transaction; without effect on those that have ended.

        Returns:
            The ids of those whose conversation is deleted, for good or not.
        """
        ...

    async def finish(self, answers: Sequence[EndedAnswer]) -> None:
        """Store answers as they ended, in one transaction; without effect on those that are deleted."""
        ...

    async def interrupt_streaming(self) -> int:
        """Whatever still says it streams has failed as ``Interrupted``, and keeps its text; returns how many."""
        ...


class Store(ConversationStore, MessageStore, Protocol):
    """All of storage.

    All methods raise ``StorageUnavailable`` if storage can't be reached, read or written.
    """

    async def check_writable(self) -> None:
        """Check that storage can be written, by writing."""
        ...
