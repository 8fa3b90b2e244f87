"""Conversations, their pagination cursors, and search hits."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import NamedTuple

from chat_app.models.message import new_id, now
from chat_app.models.principal import Principal
from chat_app.models.request import Options


class ListCursor(NamedTuple):
    """Keyset pagination cursor of a conversation in a list, the most recently used first."""

    updated_at: datetime
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationSettings:
    """Settings of a conversation's answers, chosen by its owner, as in ``Options``; empty for the default."""

    instructions: str = ""
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    reasoning_effort: str | None = None
    web_search: bool = False

    @property
    def options(self) -> Options:
        """The options of its answers."""
        return Options(**asdict(self), are_optional=True)


DEFAULT_SETTINGS = ConversationSettings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A tree of messages with one owner.

    Attributes:
        owner: The principal that can read and change it.
        latest_id: The last message of the current branch; ``None`` while the conversation is empty.
        updated_at: The time of the last added message, in UTC.
        is_titled: The owner or the model has set the title. Until then it is the beginning of the first message.
        is_pinned: The owner has pinned it above the others.
        settings: The options of its answers.
    """

    owner: Principal
    title: str
    id: str = field(default_factory=new_id)
    latest_id: str | None = None
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)
    is_titled: bool = False
    is_pinned: bool = False
    settings: ConversationSettings = DEFAULT_SETTINGS

    @property
    def list_cursor(self) -> ListCursor:
        """The cursor of the conversations after this one."""
        return ListCursor(self.updated_at, self.id)


@dataclass(frozen=True, slots=True)
class ListedConversation:
    """A conversation in its owner's list.

    Attributes:
        is_answering: An answer is streaming in one of its branches.
    """

    conversation: Conversation
    is_answering: bool


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A conversation that matches a search.

    Attributes:
        message_id: The newest matching message; ``None`` if only the title matches.
        text: The text of that message, or the title.
    """

    conversation: Conversation
    message_id: str | None
    text: str
