"""Decoding of the events of the Responses API to pieces of an answer.

The events are those of https://platform.openai.com/docs/api-reference/responses-streaming. Only the fields needed are
read; any of them may be missing, null or of another type.
"""

import json
from collections.abc import Iterator
from typing import Any

from chat_app.infrastructure.openai.dialect import Piece
from chat_app.infrastructure.openai.errors import is_error, reported_error
from chat_app.infrastructure.openai.fields import (
    SurrogateJoiner,
    as_list,
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
from chat_app.models.parts import Reasoning, Source, Text, ToolCall, ToolResult
from chat_app.models.request import WEB_SEARCH
from chat_app.models.text import one_line

_MAX_ID = 200
_MAX_QUERY = 500
_DELTAS: dict[str, type[Text] | type[Reasoning]] = {
    "response.output_text.delta": Text,
    "response.refusal.delta": Text,
    "response.reasoning_summary_text.delta": Reasoning,
    "response.reasoning_text.delta": Reasoning,
    "response.reasoning.delta": Reasoning,  # vLLM
}
# What the deltas or the last event have too: not decoded, since some have the whole text again.
_REPEATED = {
    "response.created",
    "response.queued",
    "response.in_progress",
    "response.content_part.added",
    "response.content_part.done",
    "response.output_text.done",
    "response.refusal.done",
    "response.reasoning_summary_text.done",
    "response.reasoning_summary_part.done",
    "response.reasoning_text.done",
}
_ENDS = ("response.completed", "response.incomplete", "response.failed", "response.cancelled")


class ResponseReader:
    """Reads the events of one response and remembers how it ended. Implements ``Reader``."""

    def __init__(self) -> None:
        self._reason = ""
        self._model = ""
        self._usage: Usage | None = None
        self._has: set[type[Text] | type[Reasoning]] = set()
        self._last: type[Text] | type[Reasoning] | None = None  # the kind of the last piece
        self._begins_paragraph = False  # with the next piece
        self._searches: set[str] = set()
        self._joiner = SurrogateJoiner()
        self._citations = Citations()

    @property
    def is_done(self) -> bool:
        """True once the last event has come."""
        return bool(self._reason)

    @property
    def has_reason(self) -> bool:
        """True once the model has given a reason to end: with the last event."""
        return bool(self._reason)

    @property
    def sources(self) -> list[Source]:
        """The web pages that the answer has cited so far."""
        return self._citations.sources

    def read(self, event: ServerSentEvent) -> list[Piece]:
        """Return the pieces of the answer in ``event``.

        Raises:
            ModelError: The event reports an error, or can't be understood.
        """
        if self._reason or event.name in _REPEATED or event.data.strip() in ("", "[DONE]", "null"):
            return []
        fields = _parse(event)
        kind = as_text(fields.get("type")) or event.name
        if kind in _DELTAS:  # fast path: nearly all events
            return self._read_delta(_DELTAS[kind], fields.get("delta"))
        if event.name == "error" or is_error(fields):
            raise reported_error(fields or None, event.data)
        return list(self._read_other(kind, fields))

    def finish(self) -> StepEnded:
        """Return the end of the answer.

        Raises:
            Truncated: The last event is missing.
            Blocked: A content filter left no text.
            UpstreamFailed: There is neither text nor reasoning.
        """
        if self._reason == "content_filter" and Text not in self._has:
            raise Blocked("incomplete for content_filter, without text")
        if not self._has and self._reason != "length":
            # Cut at the length limit is no failure: the model may have spent all of it on hidden reasoning.
            raise UpstreamFailed(f"empty answer, {self._reason or 'without the last event'}")
        if self._reason in ("", "cancelled"):
            raise Truncated(f"stream ended {self._reason or 'without response.completed'}")
        return StepEnded(self._reason, self._model, self._usage)

    def _read_delta(self, kind: type[Text] | type[Reasoning], delta: object) -> list[Piece]:
        if not isinstance(delta, str) or not delta:
            return []
        if self._begins_paragraph and self._last is kind:
            delta = f"\n\n{delta}"
        self._begins_paragraph, self._last = False, kind
        self._has.add(kind)
        piece = self._joiner.join(kind(delta))
        return [piece] if piece.text else []

    def _read_other(self, kind: str, fields: dict[str, Any]) -> Iterator[Piece]:
        item = as_object(fields.get("item"))
        match kind:
            case "response.output_text.annotation.added":
                self._citations.add([fields.get("annotation")])
            case "response.output_item.added" | "response.output_item.done" if item.get("type") == "web_search_call":
                yield from self._read_search(item, is_done=kind == "response.output_item.done")
            case "response.output_item.added" | "response.reasoning_summary_part.added":
                self._begins_paragraph = True
            case _ if kind in _ENDS:
                yield from self._read_end(as_object(fields.get("response")), kind)
            case _ if fields.get("object") == "response":  # a whole response, from a server that doesn't stream
                yield from self._read_end(fields, "response.completed")

    def _read_search(self, item: dict[str, Any], *, is_done: bool) -> Iterator[Piece]:
        call_id = one_line(as_text(item.get("id")), _MAX_ID)
        if call_id not in self._searches:
            self._searches.add(call_id)
            self._last = None
            yield ToolCall(call_id, WEB_SEARCH, "{}")
        if is_done:
            is_error = item.get("status") == "failed"
            yield ToolResult(call_id, _search_terms(as_object(item.get("action"))), is_error=is_error)

    def _read_end(self, response: dict[str, Any], kind: str) -> Iterator[Piece]:
        """Read the last event, which repeats the whole response.

        Raises:
            ModelError: The response failed.
        """
        self._model = model_name(response.get("model"))
        self._usage = usage_of(as_object(response.get("usage")), None)
        status = response.get("status")
        error = as_object(response.get("error"))
        if kind == "response.failed" or status == "failed" or error:
            raise reported_error(error, json.dumps(error))
        before = set(self._has)
        for item in map(as_object, as_list(response.get("output"))):
            for part in map(as_object, as_list(item.get("content"))):
                self._citations.add(part.get("annotations"))
            self._begins_paragraph = True
            for piece in _pieces_of(item):
                if type(piece) not in before:  # the server hasn't streamed it
                    yield from self._read_delta(type(piece), piece.text)
        if kind == "response.incomplete" or status == "incomplete":
            details = as_object(response.get("incomplete_details"))
            self._reason = "content_filter" if details.get("reason") == "content_filter" else "length"
        else:
            is_cancelled = "cancelled" in (status, kind.removeprefix("response."))
            self._reason = "cancelled" if is_cancelled else "stop"


def _pieces_of(item: dict[str, Any]) -> Iterator[Text | Reasoning]:
    """Yield the pieces of an item of a whole response."""
    match item.get("type"):
        case "message":
            yield from pieces_in(item.get("content"), Text)
        case "reasoning":
            yield from pieces_in(item.get("summary") or item.get("content"), Reasoning)


def _search_terms(action: dict[str, Any]) -> str:
    """Return what a search looked for: the terms, or the address of a page that it opened."""
    queries = [query for query in as_list(action.get("queries")) if isinstance(query, str)]
    found = as_text(action.get("query")) or ", ".join(queries) or as_text(action.get("url"))
    return one_line(found, _MAX_QUERY)


def _parse(event: ServerSentEvent) -> dict[str, Any]:
    """Return the fields of ``event``; empty if it has none.

    Raises:
        UpstreamFailed: It should have, and can't be understood.
    """
    fields = parsed(event)
    if not isinstance(fields, dict) and event.name != "error":
        ensure_ignorable(event)
    return as_object(fields)
