"""A conversation and who it belongs to, and how its owner finds it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from chat_app.models.message import new_id, now
from chat_app.models.principal import Principal


class ListCursor(NamedTuple):
    """Where a conversation stands in a list that has the most recently used first."""

    updated_at: datetime
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A tree of messages with one owner.

    Attributes:
        owner: The visitor it belongs to, as ``chat_app.infrastructure.security.identity`` knows them.
        latest_id: The newest message of the branch last looked at; ``None`` while the conversation is empty.
        updated_at: When its last message was added.
        is_titled: Whether the owner or the model has chosen the title. Until then it is the first message's beginning.
        is_pinned: Whether its owner wants it at hand, above all others.
    """

    owner: Principal
    title: str
    id: str = field(default_factory=new_id)
    latest_id: str | None = None
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)
    is_titled: bool = False
    is_pinned: bool = False

    @property
    def list_cursor(self) -> ListCursor:
        return ListCursor(self.updated_at, self.id)


@dataclass(frozen=True, slots=True)
class ListedConversation:
    """A conversation in its owner's list.

    Attributes:
        is_answering: Whether an answer is being written in it, in whichever branch.
    """

    conversation: Conversation
    is_answering: bool


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A conversation that has what was searched for.

    Attributes:
        message_id: The newest message that has it, ``None`` where only the title does.
        text: The message's text, or the title.
    """

    conversation: Conversation
    message_id: str | None
    text: str
