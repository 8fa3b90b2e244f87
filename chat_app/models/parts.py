"""Parts: the content of questions and answers, as one ordered list.

``Text``, ``Reasoning`` and the arguments of a ``ToolCall`` grow while an answer streams; other parts arrive whole.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from chat_app.models.text import one_line


class Approval(StrEnum):
    """A person's decision on a tool call."""

    NOT_NEEDED = "not_needed"
    WAITING = "waiting"
    APPROVED = "approved"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Text:
    """Text in Markdown.

    Attributes:
        continues: This text continues the previous one, and both are shown as one. A model that continues an answer
            may reason first, which separates them.
    """

    text: str
    continues: bool = False


@dataclass(frozen=True, slots=True)
class Reasoning:
    """Reasoning of a model, in plain text.

    Attributes:
        seconds: Its duration; ``None`` until it has ended, or if unknown.
    """

    text: str
    # Not compared: a measurement, no fact about the content.
    seconds: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of a tool by a model.

    Attributes:
        call_id: The model's id of the call.
        tool: The tool's name.
        arguments: JSON text as written by the model, which may be invalid.
        title: The label on the page; empty for the tool's name.
    """

    call_id: str
    tool: str
    arguments: str
    title: str = ""
    approval: Approval = Approval.NOT_NEEDED


@dataclass(frozen=True, slots=True)
class ToolResult:
    """Result of a tool call, a part of its own: parts that have ended are immutable.

    Attributes:
        call_id: The id of the ``ToolCall``.
        file_ids: The stored files that the tool produced.
    """

    call_id: str
    text: str
    is_error: bool = False
    file_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class File:
    """A stored file.

    Attributes:
        media_type: As in ``Content-Type``, such as ``image/png``.
        size: Bytes.
    """

    file_id: str
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Source:
    """A source of an answer: a web page, or a page of a stored file.

    Attributes:
        page: The page number, for files with pages.
        quote: The cited passage.
        is_verified: Whether the words of ``quote`` were found on the page; ``None`` if they weren't looked for.
    """

    title: str
    url: str = ""
    file_id: str = ""
    page: int | None = None
    quote: str = ""
    is_verified: bool | None = None


@dataclass(frozen=True, slots=True)
class Data:
    """A JSON value, rendered by the component registered for ``name``."""

    name: str
    value: Any


FOLLOW_UPS = "follow_ups"
"""The name of the ``Data`` whose value is a list of questions that the page suggests after the answer."""

_MAX_FOLLOW_UPS = 5
_MAX_FOLLOW_UP_CHARS = 200


@dataclass(frozen=True, slots=True)
class Unknown:
    """A part written by a newer version, kept unchanged.

    Attributes:
        data: Its JSON fields, without ``kind``.
    """

    kind: str
    data: Mapping[str, Any]


Part = Text | Reasoning | ToolCall | ToolResult | File | Source | Data | Unknown
GrowingPart = Text | Reasoning | ToolCall


def growth(part: Part) -> str:
    """Return the growing text of ``part``: its text or arguments; empty for parts that arrive whole."""
    # Each piece of an answer passes here several times: a ``match`` takes four times as long.
    if isinstance(part, (Text, Reasoning)):
        return part.text
    return part.arguments if isinstance(part, ToolCall) else ""


def with_growth(part: GrowingPart, text: str) -> GrowingPart:
    """Return ``part`` with its growing text replaced by ``text``."""
    return replace(part, arguments=text) if isinstance(part, ToolCall) else replace(part, text=text)


def follow_ups_in(parts: Sequence[Part]) -> list[str]:
    """Return the questions to suggest after these parts: those of the last ``Data`` with them, in one line each."""
    given = next((part.value for part in reversed(parts) if isinstance(part, Data) and part.name == FOLLOW_UPS), None)
    questions = given if isinstance(given, list | tuple) else ()
    lines = [one_line(each, _MAX_FOLLOW_UP_CHARS) for each in questions if isinstance(each, str)]
    return [line for line in lines if line][:_MAX_FOLLOW_UPS]


def text_of(parts: Iterable[Part]) -> str:
    """Return the texts, joined."""
    return "".join(part.text for part in parts if isinstance(part, Text))


def reasoning_of(parts: Iterable[Part]) -> str:
    """Return the reasoning, joined with blank lines."""
    return "\n\n".join(part.text for part in parts if isinstance(part, Reasoning))
