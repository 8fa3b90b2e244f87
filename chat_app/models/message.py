"""Messages, and the turns of a conversation as a model sees them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from uuid import uuid4

from chat_app.models.errors import is_retryable

ID_PATTERN = "[A-Za-z0-9_-]{1,64}"
"""What an id looks like, as a regular expression: clients and archives bring ids of their own."""


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


class Rating(IntEnum):
    DOWN = -1
    NONE = 0
    UP = 1


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
        duration: Seconds from the question to the answer's end, those of answers that it continues included.
        reasoning_duration: Seconds of them that the model spent on reasoning; ``None`` where it showed none.
        rating, comment: What its owner thinks of an answer.
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
    duration: float | None = None
    reasoning_duration: float | None = None
    rating: Rating = Rating.NONE
    comment: str = ""
    created_at: datetime = field(default_factory=now)

    @property
    def can_be_continued(self) -> bool:
        """Whether it is an answer that ended before its time, so that going on with it can help."""
        cut_off = self.status is Status.COMPLETE and self.finish_reason == "length"
        broken = self.status is Status.FAILED and is_retryable(self.error_code)
        return bool(self.text) and (cut_off or broken or self.status in (Status.STOPPED, Status.INTERRUPTED))


@dataclass(frozen=True, slots=True)
class Version:
    """Which of the messages that reply to the same one a message is; the oldest is the first.

    Attributes:
        number: From 1.
        count: How many there are.
        previous_id, next_id: Its neighbours, ``None`` at the ends.
    """

    number: int
    count: int
    previous_id: str | None = None
    next_id: str | None = None
