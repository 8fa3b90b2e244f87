"""Dialects of OpenAI's API: forms of a request for an answer and of its response.

A dialect is immutable. What a server's refusal teaches is another dialect, with which the request is sent again.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Protocol

from openai import APIStatusError

from chat_app.infrastructure.openai.sse import ServerSentEvent
from chat_app.models.events import StepEnded
from chat_app.models.message import Turn
from chat_app.models.parts import Reasoning, Source, Text, ToolCall, ToolResult
from chat_app.models.request import DEFAULT_OPTIONS, Options

_OPTIONS = [field.name for field in fields(Options) if field.name not in ("instructions", "are_optional")]

Piece = Text | Reasoning | ToolCall | ToolResult


@dataclass(frozen=True, slots=True)
class Prompt:
    """The prompt of an answer.

    Attributes:
        system: The system prompt; empty for none.
        max_tokens: Upper bound on the answer's tokens; ``None`` leaves it to the server.
    """

    model: str
    system: str
    turns: Sequence[Turn]
    max_tokens: int | None


class Reader(Protocol):
    """Reads the events of one response and remembers how it ended."""

    @property
    def is_done(self) -> bool:
        """True once the answer is complete; nothing follows."""
        ...

    @property
    def has_reason(self) -> bool:
        """True once the model has given a reason to end, after which more may follow."""
        ...

    @property
    def sources(self) -> Sequence[Source]:
        """The web pages that the answer has cited so far."""
        ...

    def read(self, event: ServerSentEvent) -> Sequence[Piece]:
        """Return the pieces of the answer in ``event``.

        Raises:
            ModelError: The event reports an error, or can't be understood.
        """
        ...

    def finish(self) -> StepEnded:
        """Return the end of the answer.

        Raises:
            Truncated: The answer is cut off.
            Blocked: A content filter left no text.
            UpstreamFailed: There is neither text nor reasoning.
        """
        ...


class Dialect(Protocol):
    """A form of requests and responses.

    Attributes:
        path: The path below the base URL.
        parameters: The names of the parameters, by the option in ``Options``; nested ones with a dot.
    """

    path: ClassVar[str]
    parameters: ClassVar[Mapping[str, tuple[str, ...]]]

    def body(self, prompt: Prompt, options: Options) -> dict[str, Any]:
        """Return the body of a request."""
        ...

    def takes(self, options: Options) -> bool:
        """Return False if another dialect of the server is asked because of these options."""
        ...

    def reader(self) -> Reader:
        """Return the reader of a response."""
        ...

    def adapted(self, error: APIStatusError, body: Mapping[str, Any]) -> "Dialect | None":
        """Return the dialect without what the server doesn't support; ``None`` for any other error.

        Args:
            body: The body of the refused request.
        """
        ...


def unknown_option(dialect: Dialect, options: Options) -> str:
    """Return the name of a chosen option that the dialect doesn't have; empty for none."""
    return next((name for name in _chosen(options) if name not in dialect.parameters), "")


def refused_option(dialect: Dialect, error: APIStatusError, options: Options) -> str:
    """Return the name of a chosen option that the server complains about; empty for none."""
    chosen = (name for name in _chosen(options) if name in dialect.parameters)
    return next((name for name in chosen if _complains_of(error, dialect.parameters[name])), "")


def _chosen(options: Options) -> list[str]:
    return [name for name in _OPTIONS if getattr(options, name) != getattr(DEFAULT_OPTIONS, name)]


def _complains_of(error: APIStatusError, parameters: Sequence[str]) -> bool:
    param, complaint = error.param or "", error.response.text
    return any(
        param == name or name.startswith(f"{param}.") or re.search(rf"(?<![\w.]){re.escape(name)}\b", complaint)
        for name in parameters
    )
