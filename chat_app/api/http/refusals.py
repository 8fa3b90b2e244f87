"""Errors known before an answer's first token, as responses."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response

from chat_app.api.stream import sse
from chat_app.api.stream.schemas import InvalidField
from chat_app.models.errors import ChatError, InvalidArchive, InvalidRequest, NotFound, StorageUnavailable
from chat_app.models.events import END, FAILED, Done, Failure
from chat_app.models.message import Outcome, Status, new_id
from chat_app.models.text import encodable
from chat_app.texts import CATALOGUES, Catalogue, preferred_language

logger = logging.getLogger(__name__)

STATUSES = {
    "invalid": 422,
    "unauthorized": 401,
    "forbidden": 403,
    "wrong_host": 421,
    "not_found": 404,
    "conflict": 409,
    "busy": 429,
    "too_many_requests": 429,
    "uploads_full": 503,
    "invalid_archive": 422,
    "misconfigured": 502,
    "quota": 502,
    "rate_limited": 429,
    "too_long": 413,
    "option_refused": 422,
    "blocked": 422,
    "timeout": 504,
    "unreachable": 503,
    "truncated": 502,
    "upstream": 502,
    "storage": 503,
    "interrupted": 503,
}
_STATUSES_FOR_ANYONE = (401, 403, 429)
_FIELD_NAME_CHARS = 80

# ``Catalogue.problems`` by pydantic's error types: https://docs.pydantic.dev/latest/errors/validation_errors/
_PROBLEMS = {
    "missing": "missing",
    "extra_forbidden": "unknown",
    "unsupported": "unsupported",
    "unsupported_value": "unsupported_value",
    "string_type": "not_text",
    "greater_than_equal": "too_low",
    "less_than_equal": "too_high",
    "json_invalid": "no_json",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error as it is told.

    Attributes:
        status: The HTTP status.
        error: The error's fields, as ``sse.error`` gives them.
        field: The field that can't be used, if one is known.
        problem: The reason, as in ``InvalidField``.
    """

    status: int
    error: dict[str, Any]
    field: str = ""
    problem: str = ""

    def response(self) -> Response:
        return JSONResponse({"error": self.error}, self.status, self.headers)

    @property
    def headers(self) -> dict[str, str]:
        match self.status:
            case 401:
                return {"WWW-Authenticate": "Bearer"}  # RFC 9110, 11.6.1, and RFC 6750
            case 429:
                return {"Retry-After": str(max(1, ceil(self.error.get("retry_after", 0))))}
            case 503 if "retry_after" in self.error:
                return {"Retry-After": str(max(1, ceil(self.error["retry_after"])))}
            case _:
                return {}


def texts_for(connection: HTTPConnection) -> Catalogue:
    """The sentences in the caller's language."""
    return CATALOGUES[preferred_language(connection.headers.get("accept-language", ""))]


def refuse(request: Request, error: Exception) -> Response:
    """The response to a request for a stream that ``error`` ended before there was an answer.

    A GET is an ``EventSource``'s, which can't read the body of an error: it gets 200 and finds the error in the
    stream, unless a program between has to understand the status. Who comes back to where there is no answer has read
    that already.
    """
    if isinstance(_known(error), InvalidRequest | NotFound) and request.headers.get("last-event-id"):
        return Response(status_code=204)
    refusal = explain(request, error)
    if refusal.status not in _STATUSES_FOR_ANYONE and request.method == "GET":
        return _in_stream(request, refusal.error)
    return refusal.response()


def explain(request: Request, error: Exception) -> Refusal:
    """What the caller is told of the error that ended their request; the log is told more."""
    known = _known(error)
    _log(known, error)
    request.app.state.services.metrics.rejected(known.code)
    refusal = explain_failed(request, Failure(known.code, known.retryable, known.retry_after))
    if isinstance(known, InvalidField):
        told = refusal.error | {"message": _sentence(known, texts_for(request))}
        return Refusal(known.status or refusal.status, told, known.field, known.problem)
    if isinstance(known, InvalidArchive):
        sentence = texts_for(request).archive_problems[known.problem].format_map(known.values)
        status = 413 if known.problem == "too_long" else refusal.status
        return replace(refusal, status=status, error=refusal.error | {"message": sentence})
    return refusal


def explain_failed(request: Request, failure: Failure) -> Refusal:
    """What the caller is told of an answer that failed before its first word."""
    return Refusal(STATUSES.get(failure.code, 500), sse.error(failure, texts_for(request)), failure.param)


def _known(error: Exception) -> ChatError:
    match error:
        case ChatError():
            return error
        case RequestValidationError():
            return _invalid_field(error.errors()[0])
        case HTTPException():
            return InvalidField("body", error.detail, status=error.status_code)
        case _:
            return ChatError()


def _invalid_field(problem: Mapping[str, Any]) -> InvalidField:
    """The first problem that pydantic reports, with the field's path as OpenAI writes it."""
    kind, (_, *places) = problem["type"], problem["loc"]
    # The tag of a union's member (``<text>``) is no part of the request.
    names = [place for place in places if not str(place).startswith("<")]
    path = "".join(f"[{name}]" if isinstance(name, int) else f".{name}" for name in names).lstrip(".")
    field = "body" if kind == "json_invalid" else encodable(path)[:_FIELD_NAME_CHARS] or "body"
    return InvalidField(field, _PROBLEMS.get(kind) or str(problem["msg"]), **problem.get("ctx", {}))


def _sentence(error: InvalidField, texts: Catalogue) -> str:
    problem = texts.problems.get(error.problem)
    said = problem.format_map(error.values) if problem else error.problem
    return texts.invalid_field.format(field=error.field, problem=said.rstrip("."))


def _log(known: ChatError, error: Exception) -> None:
    if type(known) is ChatError:
        logger.error("request failed", exc_info=error)
    else:
        level = logging.WARNING if isinstance(known, StorageUnavailable) else logging.INFO
        logger.log(level, "request refused: %s, %r", known.code, str(known))


def _in_stream(request: Request, error: dict[str, Any]) -> Response:
    answer_id = new_id()
    done = sse.done_payload(answer_id, Done(Outcome(Status.FAILED)))
    # With ids, so that an EventSource that comes back says what it has read; but one that was on its way back to an
    # answer keeps its place in that.
    ids = [sse.event_id(answer_id, cursor) for cursor in (FAILED, END)]
    if request.headers.get("last-event-id"):
        ids = ["", ""]
    frames = sse.frame({"error": error}, ids[0]) + sse.frame(done, ids[1])
    return Response(frames, media_type="text/event-stream", headers=sse.HEADERS)
