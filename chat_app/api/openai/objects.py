"""OpenAI's objects: https://platform.openai.com/docs/api-reference/chat/object"""

import time
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from chat_app.api.openai.errors import error_object
from chat_app.api.stream.sse import error_payload, frame
from chat_app.models.content import Content
from chat_app.models.events import AnswerEvent, Done, Failure, PartGrew, PartStarted
from chat_app.models.message import Outcome, Status
from chat_app.models.parts import Reasoning, Text, reasoning_of, text_of
from chat_app.models.reasoning_tags import separated_parts
from chat_app.texts import Catalogue

END_FRAME = b"data: [DONE]\n\n"


class CompletionWriter:
    """Encodes an answer as a chat completion, or as its chunks.

    Args:
        model: The model's name, as in the request.
        with_usage: Whether to end a stream with a chunk of usage.
    """

    def __init__(self, answer_id: str, model: str, texts: Catalogue, *, with_usage: bool) -> None:
        self._head = {"id": f"chatcmpl-{answer_id}", "created": int(time.time()), "model": model}
        self._texts = texts
        self._with_usage = with_usage

    def first_chunk(self) -> bytes:
        """The chunk with the role, which begins a stream."""
        return self._chunk({"role": "assistant", "content": ""})

    def chunks(self, event: AnswerEvent) -> bytes:
        """The chunks for an event of the answer's log, as server-sent events."""
        match event:
            case PartGrew(piece=Text(text)) | PartStarted(part=Text(text)):
                return self._chunk({"content": text}) if text else b""
            case PartGrew(piece=Reasoning(text)) | PartStarted(part=Reasoning(text)):
                return self._chunk({"reasoning_content": text}) if text else b""  # as DeepSeek and vLLM call it
            case Failure():
                return frame({"error": error_object(error_payload(event, self._texts))})
            case Done(Outcome(Status.COMPLETE | Status.STOPPED) as outcome):
                return self._chunk({}, outcome.finish or "stop") + self._usage(outcome)
        return b""

    def completion(self, events: Iterable[AnswerEvent]) -> dict[str, Any]:
        """The chat completion object of an answer with these events."""
        content, outcome = Content(), Outcome(Status.COMPLETE)
        for event in events:
            content.apply(event)
            if isinstance(event, Done):
                outcome = event.outcome
        parts = separated_parts(content.parts)
        message = {"role": "assistant", "content": text_of(parts)}
        if reasoning := reasoning_of(parts):
            message["reasoning_content"] = reasoning
        choice = {"index": 0, "message": message, "finish_reason": outcome.finish or "stop"}
        return {**self._head, "object": "chat.completion", "choices": [choice], **_usage_field(outcome)}

    def _usage(self, outcome: Outcome) -> bytes:
        """The last chunk of a stream; empty if the usage isn't known."""
        usage = _usage_field(outcome) if self._with_usage else {}
        return frame({**self._head, "object": "chat.completion.chunk", "choices": [], **usage}) if usage else b""

    def _chunk(self, delta: dict[str, str], finish_reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        return frame({**self._head, "object": "chat.completion.chunk", "choices": [choice]})


def model_object(model: str) -> dict[str, Any]:
    """OpenAI's model object: https://platform.openai.com/docs/api-reference/models/object"""
    return {"id": model, "object": "model", "created": 0, "owned_by": "chat"}


def _usage_field(outcome: Outcome) -> dict[str, Any]:
    """The field ``usage``; left out if it isn't known, since clients expect numbers in it, never ``null``."""
    return {"usage": asdict(outcome.usage)} if outcome.usage else {}
