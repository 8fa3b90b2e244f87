"""Decoding of ``chat.completion.chunk`` objects to model events.

The fields are those of https://platform.openai.com/docs/api-reference/chat-streaming, and what other servers add:
``reasoning_content`` (DeepSeek, vLLM), ``reasoning`` (OpenRouter, Ollama), ``x_groq`` (Groq), lists of parts as content
(Mistral). Only the fields needed are read; any of them may be missing, null or of another type.
"""

import json
import math
from collections.abc import Iterator
from typing import Any

from chat_app.infrastructure.openai.errors import is_error, reported_error
from chat_app.infrastructure.openai.sse import ServerSentEvent
from chat_app.models.errors import Blocked, Truncated, UpstreamFailed
from chat_app.models.events import StepEnded
from chat_app.models.message import Usage
from chat_app.models.parts import Reasoning, Text
from chat_app.models.text import encodable, one_line

_MAX_COUNT = 2**53 - 1
_MAX_MODEL_CHARS = 100
_MAX_REASON_CHARS = 50

# OpenAI's names of other servers' finish reasons, in lower case. A reason that is in no table counts as ``stop``.
_REASONS = {
    "null": "",
    "none": "",
    "max_tokens": "length",  # Anthropic, Google
    "max_output_tokens": "length",
    "model_length": "length",  # Mistral
    "model_context_window_exceeded": "length",  # Anthropic, Zhipu
    "sensitive": "content_filter",  # Zhipu
    "safety": "content_filter",  # Google
    "prohibited_content": "content_filter",
    "recitation": "content_filter",
    "refusal": "content_filter",  # Anthropic
}
_KNOWN_REASONS = ("stop", "length", "content_filter", "tool_calls", "function_call")
# Reasons of an answer that a failure outside the model has cut off.
_CUT_REASONS = ("network_error", "insufficient_system_resource", "abort", "aborted", "cancelled", "canceled", "timeout")

_REASONING_TYPES = ("thinking", "reasoning", "reasoning_text", "reasoning.text", "summary_text", "reasoning.summary")
_TEXT_TYPES = ("text", "output_text", "refusal")


class ChunkReader:
    """Reads the chunks of one answer and remembers how it ended."""

    def __init__(self) -> None:
        self._reason = ""
        self._model = ""
        self._usage: Usage | None = None
        self._done = False
        self._has_text = False
        self._has_reasoning = False
        self._halves: dict[type[Text] | type[Reasoning], str] = {}  # of surrogate pairs, at the end of the last piece

    @property
    def is_done(self) -> bool:
        """True once the end mark, or a whole answer in one piece, has come; nothing follows."""
        return self._done

    @property
    def has_reason(self) -> bool:
        """True once a finish reason has come. Some servers send it in every chunk, so more may follow."""
        return bool(self._reason)

    def read(self, event: ServerSentEvent) -> list[Text | Reasoning]:
        """Return the pieces of the answer in ``event``.

        Raises:
            ModelError: The event reports an error, or can't be understood.
        """
        if self._done:
            return []
        data = event.data.strip()
        if data == "[DONE]":
            self._done = True
        chunk = {} if data in ("", "[DONE]", "null") else _parse(event)
        return self._read_chunk(chunk) if chunk else []

    def finish(self) -> StepEnded:
        """Return the end of the answer.

        Raises:
            Truncated: The answer is cut off.
            Blocked: A content filter left no text.
            UpstreamFailed: There is neither text nor reasoning.
        """
        if self._reason == "content_filter" and not self._has_text:
            raise Blocked("finish_reason content_filter without text")
        if self._reason == "error":
            raise UpstreamFailed("finish_reason error")
        if not (self._has_text or self._has_reasoning or self._reason == "length"):
            # Cut at the length limit is no failure: the model may have spent all of it on hidden reasoning.
            raise UpstreamFailed(f"empty answer, finish_reason {self._reason or 'missing'}")
        if self._reason in _CUT_REASONS:
            raise Truncated(f"finish_reason {self._reason}")
        if not (self._done or self._reason):
            raise Truncated("stream ended without finish_reason and without [DONE]")
        return StepEnded(self._reason if self._reason in _KNOWN_REASONS else "stop", self._model, self._usage)

    def _read_chunk(self, chunk: dict[str, Any]) -> list[Text | Reasoning]:
        self._model = one_line(_text(chunk.get("model")), _MAX_MODEL_CHARS) or self._model
        self._usage = _usage(chunk, self._usage)
        choice = _first(chunk.get("choices"))
        self._reason = _reason(choice.get("finish_reason")) or self._reason
        pieces = _pieces_of(_object(choice.get("delta")))
        if "message" in choice and not pieces:
            # A whole message: the server doesn't stream, or it repeats the answer at the end of the stream.
            self._done |= "delta" not in choice
            has = {Text: self._has_text, Reasoning: self._has_reasoning}
            pieces = [piece for piece in _pieces_of(_object(choice.get("message"))) if not has[type(piece)]]
        pieces = [whole for piece in pieces if (whole := self._with_whole_characters(piece)).text]
        for piece in pieces:
            self._has_text |= isinstance(piece, Text)
            self._has_reasoning |= isinstance(piece, Reasoning)
        return pieces

    def _with_whole_characters(self, piece: Text | Reasoning) -> Text | Reasoning:
        """Join surrogate pairs: servers written in JavaScript may cut a text within an emoji."""
        kind, text = type(piece), piece.text
        if half := self._halves.pop(kind, ""):
            text = f"{half}{text}".encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        if "\ud800" <= text[-1] <= "\udbff":
            text, self._halves[kind] = text[:-1], text[-1]
        return kind(encodable(text))


def _pieces_of(message: dict[str, Any]) -> list[Text | Reasoning]:
    """Return the reasoning and the text in a delta or a whole message."""
    pieces: list[Text | Reasoning] = []
    for name in ("reasoning_content", "reasoning", "reasoning_details"):
        if reasoning := "".join(piece.text for piece in _parts(message.get(name), Reasoning)):
            pieces.append(Reasoning(reasoning))
            break
    return pieces + (list(_parts(message.get("content"), Text)) or list(_parts(message.get("refusal"), Text)))


def _parts(content: object, kind: type[Text] | type[Reasoning], depth: int = 8) -> Iterator[Text | Reasoning]:
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
            yield from _parts(part, kind, depth - 1)
    elif isinstance(content, dict) and depth:
        named = content.get("type")
        inner = Reasoning if named in _REASONING_TYPES else kind
        if named is None or named in (*_TEXT_TYPES, *_REASONING_TYPES):
            fields = (content.get(name) for name in ("text", "value", "thinking", "reasoning", "summary", "refusal"))
            yield from _parts(next(filter(None, fields), None), inner, depth - 1)


def _parse(event: ServerSentEvent) -> dict[str, Any]:
    """Return the chunk in ``event``; empty if it is a keep-alive or cut off.

    Raises:
        ModelError: The event reports an error, or can't be understood.
    """
    try:
        chunk = json.loads(event.data)
    except (ValueError, RecursionError):
        chunk = None
    if event.name == "error":
        raise reported_error(chunk, event.data)
    if isinstance(chunk, dict):
        choice = _first(chunk.get("choices"))
        if is_error(chunk) or _object(chunk.get("x_groq")).get("error") or choice.get("error"):
            raise reported_error(chunk, event.data)
        return chunk
    # The last line is cut, or the event is a keep-alive with a name of its own.
    if not event.is_whole or event.name not in ("", "message"):
        return {}
    raise UpstreamFailed(f"not a chunk: {event.data}")


def _usage(chunk: dict[str, Any], known: Usage | None) -> Usage | None:
    """Return the usage in ``chunk``; a count that is 0 or missing doesn't replace one that is ``known`` already."""
    usage = _object(chunk.get("usage")) or _object(_object(chunk.get("x_groq")).get("usage"))
    if not usage:
        return known
    before = known or Usage(0, 0, 0)
    prompt = _count(usage.get("prompt_tokens")) or _count(usage.get("input_tokens")) or before.prompt_tokens
    completion = (
        _count(usage.get("completion_tokens")) or _count(usage.get("output_tokens")) or before.completion_tokens
    )
    total = _count(usage.get("total_tokens"))
    return Usage(prompt, completion, total or min(prompt + completion, _MAX_COUNT))


def _reason(value: object) -> str:
    reason = one_line(_text(value), _MAX_REASON_CHARS).lower()
    return _REASONS.get(reason, reason)


def _first(choices: object) -> dict[str, Any]:
    return _object(choices[0]) if isinstance(choices, list) and choices else {}


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _count(value: object) -> int:
    try:
        number = float(value) if isinstance(value, int | float | str) else 0.0
    except (ValueError, OverflowError):
        return _MAX_COUNT if isinstance(value, int) and value > 0 else 0
    # Any number has to fit into the database's column.
    return 0 if math.isnan(number) else int(min(max(number, 0), _MAX_COUNT))


def _text(value: object) -> str:
    return encodable(value) if isinstance(value, str) else ""
