"""Decoding of the events of a chat completion, ``chat.completion.chunk`` objects, to pieces of an answer.

The fields are those of https://platform.openai.com/docs/api-reference/chat-streaming, and what other servers add:
``reasoning_content`` (DeepSeek, vLLM), ``reasoning`` (OpenRouter, Ollama), ``x_groq`` (Groq), lists of parts as content
(Mistral). Only the fields needed are read; any of them may be missing, null or of another type.
"""

from typing import Any

from chat_app.infrastructure.openai.errors import is_error, reported_error
from chat_app.infrastructure.openai.fields import (
    SurrogateJoiner,
    as_object,
    as_text,
    ensure_ignorable,
    model_name,
    parsed,
    pieces_in,
    usage_of,
)
from chat_app.infrastructure.openai.sources import Citations
from chat_app.infrastructure.openai.sse import ServerSentEvent
from chat_app.models.errors import Blocked, Truncated, UpstreamFailed
from chat_app.models.events import StepEnded
from chat_app.models.message import Usage
from chat_app.models.parts import Reasoning, Source, Text
from chat_app.models.text import one_line

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


class ChunkReader:
    """Reads the chunks of one answer and remembers how it ended."""

    def __init__(self) -> None:
        self._reason = ""
        self._model = ""
        self._usage: Usage | None = None
        self._done = False
        self._has_text = False
        self._has_reasoning = False
        self._joiner = SurrogateJoiner()
        self._citations = Citations()

    @property
    def is_done(self) -> bool:
        """True once the end mark, or a whole answer in one piece, has come; nothing follows."""
        return self._done

    @property
    def has_reason(self) -> bool:
        """True once a finish reason has come. Some servers send it in every chunk, so more may follow."""
        return bool(self._reason)

    @property
    def sources(self) -> list[Source]:
        """The web pages that the answer has cited so far."""
        return self._citations.sources

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
        self._model = model_name(chunk.get("model")) or self._model
        usage = as_object(chunk.get("usage")) or as_object(as_object(chunk.get("x_groq")).get("usage"))
        self._usage = usage_of(usage, self._usage)
        choice = _first(chunk.get("choices"))
        self._reason = _reason(choice.get("finish_reason")) or self._reason
        delta = as_object(choice.get("delta"))
        if "annotations" in delta:
            self._citations.add(delta["annotations"])
        pieces = _pieces_of(delta)
        if "message" in choice and not pieces:
            # A whole message: the server doesn't stream, or it repeats the answer at the end of the stream.
            self._done |= "delta" not in choice
            has = {Text: self._has_text, Reasoning: self._has_reasoning}
            message = as_object(choice.get("message"))
            self._citations.add(message.get("annotations"))
            pieces = [piece for piece in _pieces_of(message) if not has[type(piece)]]
        pieces = [whole for piece in pieces if (whole := self._joiner.join(piece)).text]
        for piece in pieces:
            self._has_text |= isinstance(piece, Text)
            self._has_reasoning |= isinstance(piece, Reasoning)
        return pieces


def _pieces_of(message: dict[str, Any]) -> list[Text | Reasoning]:
    """Return the reasoning and the text in a delta or a whole message."""
    pieces: list[Text | Reasoning] = []
    for name in ("reasoning_content", "reasoning", "reasoning_details"):
        if reasoning := "".join(piece.text for piece in pieces_in(message.get(name), Reasoning)):
            pieces.append(Reasoning(reasoning))
            break
    return pieces + (list(pieces_in(message.get("content"), Text)) or list(pieces_in(message.get("refusal"), Text)))


def _parse(event: ServerSentEvent) -> dict[str, Any]:
    """Return the chunk in ``event``; empty if it is a keep-alive or cut off.

    Raises:
        ModelError: The event reports an error, or can't be understood.
    """
    chunk = parsed(event)
    if event.name == "error":
        raise reported_error(chunk, event.data)
    if isinstance(chunk, dict):
        choice = _first(chunk.get("choices"))
        if is_error(chunk) or as_object(chunk.get("x_groq")).get("error") or choice.get("error"):
            raise reported_error(chunk, event.data)
        return chunk
    ensure_ignorable(event)
    return {}


def _reason(value: object) -> str:
    reason = one_line(as_text(value), _MAX_REASON_CHARS).lower()
    return _REASONS.get(reason, reason)


def _first(choices: object) -> dict[str, Any]:
    return as_object(choices[0]) if isinstance(choices, list) and choices else {}
