"""Answers the way OpenAI sends them: https://platform.openai.com/docs/api-reference/chat/object"""

import time
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from chat_app.api.http.refusals import Refusal
from chat_app.api.stream.sse import error, frame
from chat_app.models.content import Content
from chat_app.models.events import AnswerEvent, Done, Failure, PartGrew, PartStarted
from chat_app.models.message import Outcome, Status
from chat_app.models.parts import Reasoning, Text, reasoning_of, text_of
from chat_app.models.reasoning_tags import separated_parts
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
            case PartGrew(piece=Text(text)) | PartStarted(part=Text(text)):
                return self._chunk({"content": text}) if text else b""
            case PartGrew(piece=Reasoning(text)) | PartStarted(part=Reasoning(text)):
                return self._chunk({"reasoning_content": text}) if text else b""  # as DeepSeek and vLLM call it
            case Failure():
                return frame({"error": error_object(error(event, self._texts))})
            case Done(Outcome(Status.COMPLETE | Status.STOPPED) as outcome):
                return self._chunk({}, outcome.finish or "stop") + self._usage(outcome)
        return b""

    def whole(self, events: Iterable[AnswerEvent]) -> dict[str, Any]:
        """The answer in one piece."""
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
        """The chunk that ends a stream; none where the usage isn't known."""
        usage = _usage_field(outcome) if self._with_usage else {}
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


def _usage_field(outcome: Outcome) -> dict[str, Any]:
    """The field ``usage``; left out where it isn't known, since clients expect numbers in it, never ``null``."""
    return {"usage": asdict(outcome.usage)} if outcome.usage else {}
