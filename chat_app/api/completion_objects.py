"""Answers the way OpenAI sends them: https://platform.openai.com/docs/api-reference/chat/object"""

import time
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from chat_app.api.sse import error, frame
from chat_app.models.events import AnswerEvent, Chunk, Done, Failure, Finish, Reasoning
from chat_app.models.message import Status
from chat_app.texts import Catalogue

END = b"data: [DONE]\n\n"

# The codes that OpenAI has for what happens here too; programs look for them.
_CODES = {
    "unauthorized": "invalid_api_key",
    "busy": "rate_limit_exceeded",
    "too_many_requests": "rate_limit_exceeded",
    "rate_limited": "rate_limit_exceeded",
    "quota": "insufficient_quota",
    "too_long": "context_length_exceeded",
    "blocked": "content_filter",
}


class Writer:
    """Writes one answer.

    Args:
        model: The name of the model, as it was asked for.
        with_usage: Whether a stream ends with what the answer cost.
    """

    def __init__(self, answer_id: str, model: str, texts: Catalogue, *, with_usage: bool) -> None:
        self._head = {"id": f"chatcmpl-{answer_id}", "created": int(time.time()), "model": model}
        self._texts = texts
        self._with_usage = with_usage

    def first(self) -> bytes:
        """The chunk that says who speaks."""
        return self._chunk({"role": "assistant", "content": ""})

    def chunks(self, event: AnswerEvent) -> bytes:
        """What a stream says of this event."""
        match event:
            case Chunk(text):
                return self._chunk({"content": text})
            case Reasoning(text):
                return self._chunk({"reasoning_content": text})  # as DeepSeek and vLLM call it
            case Failure():
                return frame({"error": error_object(error(event, self._texts))})
            case Done(Status.COMPLETE | Status.STOPPED, finish):
                return self._chunk({}, finish.reason or "stop") + self._usage(finish)
        return b""

    def whole(self, events: Iterable[AnswerEvent]) -> dict[str, Any]:
        """The answer in one piece."""
        message, reason, usage = {"role": "assistant", "content": ""}, "stop", None
        for event in events:
            match event:
                case Chunk(text):
                    message["content"] += text
                case Reasoning(text):
                    message["reasoning_content"] = message.get("reasoning_content", "") + text
                case Done(finish=finish):
                    reason, usage = finish.reason or reason, _counts(finish)
        choice = {"index": 0, "message": message, "finish_reason": reason}
        return {**self._head, "object": "chat.completion", "choices": [choice], "usage": usage}

    def _usage(self, finish: Finish) -> bytes:
        object_ = {**self._head, "object": "chat.completion.chunk", "choices": [], "usage": _counts(finish)}
        return frame(object_) if self._with_usage else b""

    def _chunk(self, delta: dict[str, str], finish_reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        return frame({**self._head, "object": "chat.completion.chunk", "choices": [choice]})


def error_object(fields: dict[str, Any]) -> dict[str, Any]:
    """An error with the fields of OpenAI's as well: https://platform.openai.com/docs/guides/error-codes

    Args:
        fields: As ``sse.error`` gives them.
    """
    code = fields["code"]
    return {**fields, "code": _CODES.get(code, code), "type": code, "param": None}


def model_object(model: str) -> dict[str, Any]:
    """A model: https://platform.openai.com/docs/api-reference/models/object"""
    return {"id": model, "object": "model", "created": 0, "owned_by": "chat"}


def _counts(finish: Finish) -> dict[str, int] | None:
    return asdict(finish.usage) if finish.usage else None
