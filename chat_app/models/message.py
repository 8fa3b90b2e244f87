"""Messages, their outcome and versions, and the turns of a model's prompt."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from uuid import uuid4

from chat_app.models.errors import is_retryable
from chat_app.models.file_content import AttachedFile, Picture
from chat_app.models.parts import Part, text_of

ID_PATTERN = "[A-Za-z0-9_-]{1,64}"
"""Regular expression of an id; clients and archives supply ids of their own."""


def new_id() -> str:
    """Return a random identifier: a UUID 4 as 32 hexadecimal digits."""
    return uuid4().hex


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


class Role(StrEnum):
    """Author of a message, under OpenAI's names."""

    USER = "user"
    ASSISTANT = "assistant"


class Status(StrEnum):
    """State of an answer; all but ``STREAMING`` are final."""

    STREAMING = "streaming"
    COMPLETE = "complete"
    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class Rating(IntEnum):
    """The owner's rating of an answer: thumbs down, none, thumbs up."""

    DOWN = -1
    NONE = 0
    UP = 1


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts of an answer, under OpenAI's names."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int

    def __add__(self, other: "Usage | None") -> "Usage":
        """Return the sum; ``None`` counts as zero."""
        if other is None:
            return self
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.total_tokens + other.total_tokens,
        )


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a model's prompt.

    Attributes:
        files: Its files, which agents read on demand.
        documents: The texts of its files, for models; filled in shortly before the request.
        pictures: The pictures among its files, likewise.
    """

    role: Role
    text: str
    files: tuple[AttachedFile, ...] = ()
    documents: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()

    @property
    def text_with_documents(self) -> str:
        """The texts of the files, and the text below them."""
        return "\n\n".join(filter(None, (*self.documents, self.text)))


@dataclass(frozen=True, slots=True)
class Outcome:
    """Status of an answer, and the facts of its end.

    Attributes:
        finish: OpenAI's ``finish_reason`` of the last step; empty while streaming.
        model: The model's name as reported by the server; empty if it reported none.
        usage: Token counts of all steps; ``None`` if the model reported none.
        error_code: A code of ``chat_app.models.errors``; empty without an error.
        duration: Seconds from the question to the end, including those of the answers that it continues.
    """

    status: Status
    finish: str = ""
    model: str = ""
    usage: Usage | None = None
    error_code: str = ""
    # Not compared: a measurement, no fact about the content.
    duration: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A stored message: a question (``Role.USER``) or an answer. The messages of a conversation form a tree.

    Attributes:
        parent_id: The message that this one replies to; ``None`` for a root.
        author_id: A question's: the principal's key. An answer's: the agent's name, empty for the default agent.
        parts: The content, in order.
        outcome: The outcome of an answer; ``None`` for a question.
        rating, comment: The owner's feedback on an answer.
        created_at: The time of creation, in UTC.
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
        """The texts of the parts, joined."""
        return text_of(self.parts)

    @property
    def status(self) -> Status:
        """The status of an answer; a question is always complete."""
        return self.outcome.status if self.outcome else Status.COMPLETE

    @property
    def error_code(self) -> str:
        """The error code of an answer; empty without an error."""
        return self.outcome.error_code if self.outcome else ""

    @property
    def can_be_continued(self) -> bool:
        """True for an answer with text that was stopped, interrupted, cut off by its length, or failed retryably."""
        if self.outcome is None:
            return False
        cut_off = self.status is Status.COMPLETE and self.outcome.finish == "length"
        broken = self.status is Status.FAILED and is_retryable(self.error_code)
        return bool(self.text) and (cut_off or broken or self.status in (Status.STOPPED, Status.INTERRUPTED))


@dataclass(frozen=True, slots=True)
class Version:
    """Position of a message among its siblings, the messages with the same parent, oldest first.

    Attributes:
        number: The position, from 1.
        count: The number of siblings, this message included.
        previous_id, next_id: The neighbours; ``None`` at the ends.
    """

    number: int
    count: int
    previous_id: str | None = None
    next_id: str | None = None
