"""Fields of servers' JSON, of which any may be missing, null or of another type."""

import json
import math
from collections.abc import Iterator
from typing import Any

from chat_app.infrastructure.openai.sse import ServerSentEvent
from chat_app.models.errors import UpstreamFailed
from chat_app.models.message import Usage
from chat_app.models.parts import Reasoning, Text
from chat_app.models.text import encodable, one_line

_MAX_COUNT = 2**53 - 1
_MAX_MODEL_CHARS = 100

_REASONING_TYPES = ("thinking", "reasoning", "reasoning_text", "reasoning.text", "summary_text", "reasoning.summary")
_TEXT_TYPES = ("text", "output_text", "refusal")


def parsed(event: ServerSentEvent) -> object:
    """Return the JSON value of an event; ``None`` if it isn't JSON."""
    try:
        return json.loads(event.data)
    except (ValueError, RecursionError):
        return None


def ensure_ignorable(event: ServerSentEvent) -> None:
    """Check that an event that isn't JSON can be ignored: its last line is cut, or it is a keep-alive.

    Raises:
        UpstreamFailed: It can't.
    """
    if event.is_whole and (event.name in ("", "message") or event.name.startswith("response.")):
        raise UpstreamFailed(f"not a piece of an answer: {event.data}")


def as_object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def as_text(value: object) -> str:
    return encodable(value) if isinstance(value, str) else ""


def model_name(value: object) -> str:
    """Return the name of a model in one line."""
    return one_line(as_text(value), _MAX_MODEL_CHARS)


def usage_of(usage: dict[str, Any], known: Usage | None) -> Usage | None:
    """Return the counts in ``usage``; one that is 0 or missing doesn't replace one that is ``known`` already."""
    if not usage:
        return known
    before = known or Usage(0, 0, 0)
    prompt = _count(usage.get("prompt_tokens")) or _count(usage.get("input_tokens")) or before.prompt_tokens
    completion = (
        _count(usage.get("completion_tokens")) or _count(usage.get("output_tokens")) or before.completion_tokens
    )
    total = _count(usage.get("total_tokens"))
    return Usage(prompt, completion, total or min(prompt + completion, _MAX_COUNT))


def pieces_in(content: object, kind: type[Text] | type[Reasoning], depth: int = 8) -> Iterator[Text | Reasoning]:
    """Yield the pieces in ``content``, which is a text or a list of typed parts.

    Args:
        kind: The kind of a text whose part has no type of its own.
        depth: How deep lists and objects may be nested.
    """
    if isinstance(content, str):
        if content:
            yield kind(content)
    elif isinstance(content, list) and depth:
        for part in content:
            yield from pieces_in(part, kind, depth - 1)
    elif isinstance(content, dict) and depth:
        named = content.get("type")
        inner = Reasoning if named in _REASONING_TYPES else kind
        if named is None or named in (*_TEXT_TYPES, *_REASONING_TYPES):
            fields = (content.get(name) for name in ("text", "value", "thinking", "reasoning", "summary", "refusal"))
            yield from pieces_in(next(filter(None, fields), None), inner, depth - 1)


class SurrogateJoiner:
    """Joins surrogate pairs: servers written in JavaScript may cut a text within an emoji."""

    def __init__(self) -> None:
        self._halves: dict[type[Text] | type[Reasoning], str] = {}  # at the end of the last piece

    def join(self, piece: Text | Reasoning) -> Text | Reasoning:
        """Return ``piece`` with whole characters; it may be empty."""
        kind, text = type(piece), piece.text
        if half := self._halves.pop(kind, ""):
            text = f"{half}{text}".encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        if "\ud800" <= text[-1] <= "\udbff":
            text, self._halves[kind] = text[:-1], text[-1]
        return kind(encodable(text))


def _count(value: object) -> int:
    try:
        number = float(value) if isinstance(value, int | float | str) else 0.0
    except (ValueError, OverflowError):
        return _MAX_COUNT if isinstance(value, int) and value > 0 else 0
    # Any number has to fit into the database's column.
    return 0 if math.isnan(number) else int(min(max(number, 0), _MAX_COUNT))
