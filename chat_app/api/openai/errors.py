"""Errors in OpenAI's format: https://platform.openai.com/docs/guides/error-codes"""

from typing import Any

from fastapi import Response
from fastapi.responses import JSONResponse

from chat_app.api.http.errors import ErrorDetails

_TOO_LONG = "context_length_exceeded"
# OpenAI's sentence: LiteLLM recognises the error by it, not by the code.
_TOO_LONG_SENTENCE = "(This model's maximum context length is exceeded.)"

# OpenAI's codes by ours, since clients compare with OpenAI's.
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


def openai_error_response(details: ErrorDetails) -> Response:
    """An error response with OpenAI's status, headers and body."""
    code = _PROBLEM_CODES.get(details.problem, "")
    error = error_object(details.error, code=code, param=details.field or None)
    # OpenAI's SDK retries after most errors unless this header forbids it.
    should_retry = {"X-Should-Retry": str(details.error["retryable"]).lower()}
    status = 400 if details.status in _BAD_REQUESTS else details.status
    return JSONResponse({"error": error}, status, {**details.headers, **should_retry})


def error_object(fields: dict[str, Any], *, code: str = "", param: str | None = None) -> dict[str, Any]:
    """OpenAI's error object, with the fields of ``/stream``'s errors as well.

    Args:
        fields: As ``sse.error_payload`` returns them.
        code: OpenAI's code, where it doesn't follow from ours.
        param: The invalid parameter.
    """
    our_code: str = fields["code"]
    message: str = fields["message"]
    code = code or _CODES.get(our_code, our_code)
    if code == _TOO_LONG:
        message = f"{message} {_TOO_LONG_SENTENCE}"
    return {**fields, "message": message, "code": code, "type": our_code, "param": param}
