"""Messages, and the turns of a conversation as a model sees them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from uuid import uuid4


def new_id() -> str:
    """A random identifier: 122 random bits as 32 hexadecimal digits."""
    return uuid4().hex


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


class Role(StrEnum):
    USER = "user"
    ASSISTANT = "assistant"


class Status(StrEnum):
    STREAMING = "streaming"
    COMPLETE = "complete"
    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer cost, in tokens, under OpenAI's names."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


@dataclass(frozen=True, slots=True)
class Turn:
    """One message as a model sees it."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A stored message. Messages form a tree: each names the one it replies to.

    Attributes:
        parent_id: The message this one replies to, ``None`` for a conversation's first.
        finish_reason, model, usage, error_code: Only on an assistant's message, once it has ended.
    """

    conversation_id: str
    role: Role
    text: str
    id: str = field(default_factory=new_id)
    parent_id: str | None = None
    reasoning: str = ""
    status: Status = Status.COMPLETE
    finish_reason: str = ""
    model: str = ""
    usage: Usage | None = None
    error_code: str = ""
    created_at: datetime = field(default_factory=now)
