"""Error responses: exceptions as an HTTP status and a JSON body, or as events of a stream."""

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
from chat_app.models.errors import ChatError, FileRefused, InvalidArchive, InvalidRequest, NotFound, StorageUnavailable
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
    "file_refused": 422,
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
# Sent as a status to an ``EventSource`` too: proxies, caches and rate limiters act on these.
_STATUSES_FOR_PROXIES = (401, 403, 429)
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


class InvalidField(InvalidRequest):
    """A field of the request with an unusable value. The response names the field and the problem.

    Args:
        field: Its path in the request, such as ``messages[0].content``.
        problem: A key of ``Catalogue.problems``; or a sentence in English from a library.
        status: The HTTP status, in place of the one of the error's code.
        values: For the placeholders of the sentence.
    """

    def __init__(self, field: str, problem: str, *, status: int | None = None, **values: object) -> None:
        super().__init__(f"{field}: {problem} {values or ''}".rstrip())
        self.field = field
        self.problem = problem
        self.status = status
        self.values = values


@dataclass(frozen=True, slots=True)
class ErrorDetails:
    """An error as the client sees it.

    Attributes:
        status: The HTTP status.
        error: The fields of the JSON object, as ``sse.error_payload`` returns them.
        field: The invalid field of the request; empty if the error isn't about one.
        problem: As in ``InvalidField``.
    """

    status: int
    error: dict[str, Any]
    field: str = ""
    problem: str = ""

    def response(self) -> Response:
        """A JSON response with this error."""
        return JSONResponse({"error": self.error}, self.status, self.headers)

    @property
    def headers(self) -> dict[str, str]:
        """The headers that go with the status."""
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
    """The catalogue of texts in the client's language."""
    return CATALOGUES[preferred_language(connection.headers.get("accept-language", ""))]


def stream_error_response(request: Request, error: Exception) -> Response:
    """The error response of ``/stream``, before the answer has begun.

    An ``EventSource`` sends a GET and can't read the body of an error: it gets status 200 and the error as an event,
    except for statuses that proxies act on. If it reconnects to a stream that doesn't exist, it gets 204, which ends
    its retries; it has read the error already.
    """
    if isinstance(_as_chat_error(error), InvalidRequest | NotFound) and request.headers.get("last-event-id"):
        return Response(status_code=204)
    details = describe_error(request, error)
    if details.status not in _STATUSES_FOR_PROXIES and request.method == "GET":
        return _error_stream(request, details.error)
    return details.response()


def describe_error(request: Request, error: Exception) -> ErrorDetails:
    """Log and count an error; returns the details for the client."""
    known = _as_chat_error(error)
    if type(known) is ChatError:
        logger.error("request failed", exc_info=error)
    else:
        level = logging.WARNING if isinstance(known, StorageUnavailable) else logging.INFO
        logger.log(level, "request refused: %s, %r", known.code, str(known))
    request.app.state.services.metrics.rejected(known.code)
    details = describe_failure(request, Failure(known.code, known.retryable, known.retry_after))
    texts = texts_for(request)
    if isinstance(known, InvalidField):
        fields = details.error | {"message": _field_message(known, texts)}
        return ErrorDetails(known.status or details.status, fields, known.field, known.problem)
    if isinstance(known, InvalidArchive):
        message = texts.archive_problems[known.problem].format_map(known.values)
        status = 413 if known.problem == "too_long" else details.status
        return replace(details, status=status, error=details.error | {"message": message})
    if isinstance(known, FileRefused):
        message = texts.file_problems[known.problem].format_map(known.values)
        return replace(details, error=details.error | {"message": message})
    return details


def describe_failure(request: Request, failure: Failure) -> ErrorDetails:
    """The details of an answer's failure."""
    return ErrorDetails(STATUSES.get(failure.code, 500), sse.error_payload(failure, texts_for(request)), failure.param)


def _as_chat_error(error: Exception) -> ChatError:
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
    """One error of pydantic's as an ``InvalidField``, with the field's path in OpenAI's notation."""
    kind, (_, *places) = problem["type"], problem["loc"]
    # The tag of a union's member (``<text>``) is no part of the request.
    names = [place for place in places if not str(place).startswith("<")]
    path = "".join(f"[{name}]" if isinstance(name, int) else f".{name}" for name in names).lstrip(".")
    field = "body" if kind == "json_invalid" else encodable(path)[:_FIELD_NAME_CHARS] or "body"
    return InvalidField(field, _PROBLEMS.get(kind) or str(problem["msg"]), **problem.get("ctx", {}))


def _field_message(error: InvalidField, texts: Catalogue) -> str:
    template = texts.problems.get(error.problem)
    problem = template.format_map(error.values) if template else error.problem
    return texts.invalid_field.format(field=error.field, problem=problem.rstrip("."))


def _error_stream(request: Request, error: dict[str, Any]) -> Response:
    """A complete event stream of an error and ``done``."""
    answer_id = new_id()
    done = sse.done_payload(answer_id, Done(Outcome(Status.FAILED)))
    # With the ids, an EventSource that reconnects says that it has read the end. One that is reconnecting already
    # keeps the id that it has: its answer may still be there.
    is_reconnect = request.headers.get("last-event-id")
    failed_id, end_id = ("", "") if is_reconnect else (sse.event_id(answer_id, cursor) for cursor in (FAILED, END))
    frames = sse.frame({"error": error}, failed_id) + sse.frame(done, end_id)
    return Response(frames, media_type="text/event-stream", headers=sse.HEADERS)
