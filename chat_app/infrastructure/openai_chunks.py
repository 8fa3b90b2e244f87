"""From ``chat.completion.chunk`` objects to model events.

The fields are those of https://platform.openai.com/docs/api-reference/chat-streaming, and what other servers add:
``reasoning_content`` (DeepSeek, vLLM), ``reasoning`` (OpenRouter, Ollama), ``x_groq`` (Groq). Only the fields needed
are looked at; any of them may be missing, null or of another type.
"""

import json
from typing import Any

from chat_app.infrastructure.openai_errors import reported_error
from chat_app.infrastructure.openai_sse import ServerSentEvent
from chat_app.models.errors import Blocked, Truncated, UpstreamFailed
from chat_app.models.events import Chunk, Finish, Reasoning
from chat_app.models.message import Usage
from chat_app.models.text import encodable

_MAX_COUNT = 2**53 - 1


class ChunkReader:
    """Reads the chunks of one answer and remembers how it ended."""

    def __init__(self) -> None:
        self._reason = ""
        self._model = ""
        self._usage: Usage | None = None
        self._done = False
        self._has_text = False
        self._has_reasoning = False

    @property
    def ended(self) -> bool:
        """Whether the model has said that it is finished; only its usage may still follow."""
        return self._done or bool(self._reason)

    def read(self, event: ServerSentEvent) -> list[Chunk | Reasoning]:
        """The pieces of the answer in ``event``.

        Raises:
            ModelError: The event reports an error, or can't be understood.
        """
        if event.data.strip() == "[DONE]":
            self._done = True
            return []
        return self._read_chunk(_parse(event))

    def finish(self) -> Finish:
        """How the answer ended.

        Raises:
            Truncated: In the middle.
            Blocked: A content filter left no text.
            UpstreamFailed: With neither text nor reasoning.
        """
        if self._reason == "content_filter" and not self._has_text:
            raise Blocked("finish_reason content_filter without text")
        if self._reason == "error":
            raise UpstreamFailed("finish_reason error")
        if not (self._has_text or self._has_reasoning or self._reason == "length"):
            # Cut at the length limit is no failure: the model may have spent all of it on thinking it doesn't show.
            raise UpstreamFailed(f"empty answer, finish_reason {self._reason or 'missing'}")
        if not self.ended:
            raise Truncated("stream ended without finish_reason and without [DONE]")
        return Finish(self._reason or "stop", self._model, self._usage)

    def _read_chunk(self, chunk: dict[str, Any]) -> list[Chunk | Reasoning]:
        self._model = _text(chunk.get("model")) or self._model
        self._usage = _usage(chunk) or self._usage
        choice = _first(chunk.get("choices"))
        self._reason = _text(choice.get("finish_reason")) or self._reason
        # A whole message in place of a piece is the answer to a request that didn't stream.
        self._done |= "message" in choice and "delta" not in choice
        return self._read_delta(_delta(choice))

    def _read_delta(self, delta: dict[str, Any]) -> list[Chunk | Reasoning]:
        pieces: list[Chunk | Reasoning] = []
        if reasoning := _text(delta.get("reasoning_content")) or _text(delta.get("reasoning")):
            self._has_reasoning = True
            pieces.append(Reasoning(reasoning))
        if text := _text(delta.get("content")) or _text(delta.get("refusal")):
            self._has_text = True
            pieces.append(Chunk(text))
        return pieces


def _parse(event: ServerSentEvent) -> dict[str, Any]:
    try:
        chunk = json.loads(event.data)
    except ValueError:
        chunk = None
    if event.name == "error":
        raise reported_error(_object(chunk).get("error") or chunk or event.data)
    if not isinstance(chunk, dict):
        raise UpstreamFailed(f"not a chunk: {event.data}")
    if error := chunk.get("error") or _object(chunk.get("x_groq")).get("error"):
        raise reported_error(error)
    return chunk


def _usage(chunk: dict[str, Any]) -> Usage | None:
    usage = _object(chunk.get("usage") or _object(chunk.get("x_groq")).get("usage"))
    if not usage:
        return None
    prompt, completion = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    return Usage(prompt, completion, _count(usage.get("total_tokens")) or prompt + completion)


def _delta(choice: dict[str, Any]) -> dict[str, Any]:
    return _object(choice.get("delta") if "delta" in choice else choice.get("message"))


def _first(choices: object) -> dict[str, Any]:
    return _object(choices[0]) if isinstance(choices, list) and choices else {}


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _count(value: object) -> int:
    # Whatever a server claims has to fit into the database's column.
    return min(max(value, 0), _MAX_COUNT) if isinstance(value, int) else 0


def _text(value: object) -> str:
    return encodable(value) if isinstance(value, str) else ""
