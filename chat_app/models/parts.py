"""Parts: the content of a message, questions and answers alike, as one ordered list.

``Text``, ``Reasoning`` and the arguments of a ``ToolCall`` grow while an answer is written; other parts come whole.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any


class Approval(StrEnum):
    """A person's decision on a tool call."""

    NOT_NEEDED = "not_needed"
    WAITING = "waiting"
    APPROVED = "approved"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Text:
    """Markdown.

    Attributes:
        continues: Whether it goes on in the middle of the text before it. A model that is asked to continue an answer
            may reason first; the two texts are one, and shown as one.
    """

    text: str
    continues: bool = False


@dataclass(frozen=True, slots=True)
class Reasoning:
    """What a model thinks before it goes on, in plain text.

    Attributes:
        seconds: How long it took; ``None`` until it has ended, or where nobody has measured it.
    """

    text: str
    # The same thoughts are the same, however long they took.
    seconds: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of a tool by a model.

    Attributes:
        call_id: The model's own id for it.
        arguments: JSON, as the model wrote it.
        title: What to call it on the page; empty for the tool's name.
    """

    call_id: str
    tool: str
    arguments: str
    title: str = ""
    approval: Approval = Approval.NOT_NEEDED


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool returned. It is a part of its own: a call is never edited."""

    call_id: str
    text: str
    is_error: bool = False
    file_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class File:
    """A stored file; ``size`` is in bytes."""

    file_id: str
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Source:
    """A source of an answer: a page on the web, or one of a file."""

    title: str
    url: str = ""
    file_id: str = ""
    page: int | None = None
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Data:
    """A JSON value, shown by the component that is registered for ``name``."""

    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class Unknown:
    """A part of a kind that this version doesn't know, kept as it came: a newer version has written it."""

    kind: str
    data: Mapping[str, Any]


Part = Text | Reasoning | ToolCall | ToolResult | File | Source | Data | Unknown
GrowingPart = Text | Reasoning | ToolCall


def growth(part: Part) -> str:
    """What grows in ``part``; empty for parts that come whole."""
    match part:
        case Text(text) | Reasoning(text):
            return text
        case ToolCall(arguments=arguments):
            return arguments
        case _:
            return ""


def with_growth(part: GrowingPart, text: str) -> GrowingPart:
    """``part`` with ``text`` in place of what has grown in it."""
    return replace(part, arguments=text) if isinstance(part, ToolCall) else replace(part, text=text)


def text_of(parts: Iterable[Part]) -> str:
    """The joined texts."""
    return "".join(part.text for part in parts if isinstance(part, Text))


def reasoning_of(parts: Iterable[Part]) -> str:
    """The reasoning, a blank line between one part and the next."""
    return "\n\n".join(part.text for part in parts if isinstance(part, Reasoning))
