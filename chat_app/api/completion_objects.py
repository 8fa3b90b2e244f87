"""Answers the way OpenAI sends them: https://platform.openai.com/docs/api-reference/chat/object"""

import time
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from chat_app.api.refusals import Refusal
from chat_app.api.sse import error, frame
from chat_app.models.events import AnswerEvent, Chunk, Done, Failure, Finish, Reasoning
from chat_app.models.message import Status
from chat_app.models.thoughts import split_thoughts
from chat_app.texts import Catalogue

END = b"data: [DONE]\n\n"

_TOO_LONG = "context_length_exceeded"
# OpenAI's sentence: LiteLLM recognises the error by it, not by the code.
_TOO_LONG_WORDS = "(This model's maximum context length is exceeded.)"

# OpenAI's codes by ours, since programs look for OpenAI's.
_CODES = {
    "unauthorized": "invalid_api_key",
    "busy": "rate_limit_exceeded",
    "too_many_requests": "rate_limit_exceeded",
    "rate_limited": "rate_limit_exceeded",
    "quota": "insufficient_quota",
    "too_long": _TOO_LONG,
    "option_refused": "unsupported_value",
    "blocked": "content_filter",
}

# OpenAI's codes by the problem with a field.
_PROBLEM_CODES = {
    "missing": "missing_required_parameter",
    "unknown": "unknown_parameter",
    "unsupported": "unsupported_parameter",
    "unsupported_value": "unsupported_value",
    "too_long": _TOO_LONG,
    "too_many": _TOO_LONG,
    "too_large": _TOO_LONG,
    "no_such_model": "model_not_found",
    "no_such_path": "unknown_url",
    "without_v1": "unknown_url",
    "no_such_method": "method_not_allowed",
}

# OpenAI's status for these is 400. LangChain and LiteLLM recognise a conversation that is too long by status and code.
_BAD_REQUESTS = (413, 422)


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
        message, reason, usage = {"role": "assistant", "content": ""}, "stop", {}
        for event in events:
            match event:
                case Chunk(text):
                    message["content"] += text
                case Reasoning(text):
                    message["reasoning_content"] = message.get("reasoning_content", "") + text
                case Done(finish=finish):
                    reason, usage = finish.reason or reason, _usage_field(finish)
        thoughts, message["content"] = split_thoughts(message["content"])
        if thoughts:
            message["reasoning_content"] = message.get("reasoning_content", "") + thoughts
        choice = {"index": 0, "message": message, "finish_reason": reason}
        return {**self._head, "object": "chat.completion", "choices": [choice], **usage}

    def _usage(self, finish: Finish) -> bytes:
        """The chunk that ends a stream; none where the usage isn't known."""
        usage = _usage_field(finish) if self._with_usage else {}
        return frame({**self._head, "object": "chat.completion.chunk", "choices": [], **usage}) if usage else b""

    def _chunk(self, delta: dict[str, str], finish_reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        return frame({**self._head, "object": "chat.completion.chunk", "choices": [choice]})


def refusal_object(refusal: Refusal) -> dict[str, Any]:
    """An error before the answer's first word, with OpenAI's fields."""
    code = _PROBLEM_CODES.get(refusal.problem, "")
    return error_object(refusal.error, code=code, param=refusal.field or None)


def openai_status(refusal: Refusal) -> int:
    """OpenAI's HTTP status for a refusal."""
    return 400 if refusal.status in _BAD_REQUESTS else refusal.status


def error_object(fields: dict[str, Any], *, code: str = "", param: str | None = None) -> dict[str, Any]:
    """An error with the fields of OpenAI's as well: https://platform.openai.com/docs/guides/error-codes

    Args:
        fields: As ``sse.error`` gives them.
        code: OpenAI's code, where it doesn't follow from ours.
        param: The name of the wrong parameter.
    """
    kind: str = fields["code"]
    message: str = fields["message"]
    code = code or _CODES.get(kind, kind)
    if code == _TOO_LONG:
        message = f"{message} {_TOO_LONG_WORDS}"
    return {**fields, "message": message, "code": code, "type": kind, "param": param}


def model_object(model: str) -> dict[str, Any]:
    """A model: https://platform.openai.com/docs/api-reference/models/object"""
    return {"id": model, "object": "model", "created": 0, "owned_by": "chat"}


def _usage_field(finish: Finish) -> dict[str, Any]:
    """The field ``usage``; left out where it isn't known, since clients expect numbers in it, never ``null``."""
    return {"usage": asdict(finish.usage)} if finish.usage else {}
