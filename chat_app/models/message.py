"""Messages, and the turns of a conversation as a model sees them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from uuid import uuid4

from chat_app.models.errors import is_retryable
from chat_app.models.parts import Part, text_of

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

    def __add__(self, other: "Usage | None") -> "Usage":
        """The sum; ``None`` is as good as nothing."""
        if other is None:
            return self
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.total_tokens + other.total_tokens,
        )


@dataclass(frozen=True, slots=True)
class Turn:
    """One message as a model sees it."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an answer stands, or ended.

    Attributes:
        finish: OpenAI's ``finish_reason`` of its last step, empty while it is written.
        model: The name of the model that answered, empty where it gave none.
        usage: The tokens of all its steps; ``None`` where the model told none.
        error_code: That of ``chat_app.models.errors``, empty if nothing went wrong.
        duration: Seconds from the question to the answer's end, those of answers that it continues included.
    """

    status: Status
    finish: str = ""
    model: str = ""
    usage: Usage | None = None
    error_code: str = ""
    # The same end is the same, however long it took.
    duration: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A stored message. Messages form a tree: each names the one it replies to.

    Attributes:
        parent_id: The message this one replies to, ``None`` for a conversation's first.
        author_id: The owner's name of the principal who wrote a question; the name of the agent that wrote an answer,
            empty for the default one.
        parts: Its content.
        outcome: An answer's; ``None`` for a question.
        rating, comment: What its owner thinks of an answer.
    """

    conversation_id: str
    role: Role
    parts: tuple[Part, ...]
    id: str = field(default_factory=new_id)
    parent_id: str | None = None
    author_id: str = ""
    outcome: Outcome | None = None
    rating: Rating = Rating.NONE
    comment: str = ""
    created_at: datetime = field(default_factory=now)

    @property
    def text(self) -> str:
        """The joined texts of its parts."""
        return text_of(self.parts)

    @property
    def status(self) -> Status:
        """A question is always complete."""
        return self.outcome.status if self.outcome else Status.COMPLETE

    @property
    def error_code(self) -> str:
        return self.outcome.error_code if self.outcome else ""

    @property
    def can_be_continued(self) -> bool:
        """Whether it is an answer that ended before its time, so that going on with it can help."""
        if self.outcome is None:
            return False
        cut_off = self.status is Status.COMPLETE and self.outcome.finish == "length"
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
