"""A conversation and who it belongs to."""

from dataclasses import dataclass, field
from datetime import datetime

from chat_app.models.message import new_id, now


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A tree of messages with one owner.

    Attributes:
        owner: The visitor it belongs to, as ``chat_app.api.identity`` knows them.
        latest_id: The newest message of the branch last looked at; ``None`` while the conversation is empty.
    """

    owner: str
    title: str
    id: str = field(default_factory=new_id)
    latest_id: str | None = None
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)
