"""Errors known before an answer's first token, as responses."""

import logging
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response

from chat_app.api import sse
from chat_app.api.schemas import InvalidField
from chat_app.models.errors import ChatError, InvalidRequest, NotFound
from chat_app.models.events import END, Done, Failure, Finish
from chat_app.models.message import Status, new_id
from chat_app.texts import CATALOGUES, Catalogue, preferred_language

logger = logging.getLogger(__name__)

_STATUSES = {
    "invalid": 422,
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "busy": 429,
    "too_many_requests": 429,
    "misconfigured": 502,
    "quota": 502,
    "rate_limited": 429,
    "too_long": 413,
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


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error as it is told.

    Attributes:
        status: The HTTP status.
        error: The error's fields, as ``sse.error`` gives them.
    """

    status: int
    error: dict[str, Any]

    def response(self) -> Response:
        return JSONResponse({"error": self.error}, self.status, self.headers)

    @property
    def headers(self) -> dict[str, str]:
        match self.status:
            case 401:
                return {"WWW-Authenticate": "Bearer"}  # RFC 9110, 11.6.1, and RFC 6750
            case 429:
                return {"Retry-After": str(max(1, ceil(self.error.get("retry_after", 0))))}
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
    detail = str(known) if isinstance(known, InvalidField) else ""
    refusal = explain_failed(request, Failure(known.code, known.retryable, known.retry_after), detail)
    return replace(refusal, status=error.status_code) if isinstance(error, HTTPException) else refusal


def explain_failed(request: Request, failure: Failure, detail: str = "") -> Refusal:
    """What the caller is told of an answer that failed before its first word."""
    return Refusal(_STATUSES.get(failure.code, 500), sse.error(failure, texts_for(request), detail))


def _known(error: Exception) -> ChatError:
    match error:
        case ChatError():
            return error
        case RequestValidationError():
            problem = error.errors()[0]
            return InvalidField(".".join(map(str, problem["loc"]))[:_FIELD_NAME_CHARS], problem["msg"])
        case HTTPException():
            return InvalidField("body", error.detail)
        case _:
            return ChatError()


def _log(known: ChatError, error: Exception) -> None:
    if type(known) is ChatError:
        logger.error("request failed", exc_info=error)
    else:
        logger.info("request refused: %s, %r", known.code, str(known))


def _in_stream(request: Request, error: dict[str, Any]) -> Response:
    answer_id = new_id()
    done = sse.payload(answer_id, Done(Status.FAILED, Finish("")), texts_for(request))
    # With ids, so that an EventSource that comes back says what it has read; but one that was on its way back to an
    # answer keeps its place in that.
    ids = ("", "") if request.headers.get("last-event-id") else (f"{answer_id}:{END - 1}", f"{answer_id}:{END}")
    frames = sse.frame({"error": error}, ids[0]) + sse.frame(done, ids[1])
    return Response(frames, media_type="text/event-stream", headers=sse.HEADERS)
