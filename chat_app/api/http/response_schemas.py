"""Response schemas for the OpenAPI description. A contract test compares them with the real responses."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from chat_app.models.message import Status

Responses = dict[int | str, dict[str, Any]]


class ErrorFields(BaseModel):
    """An error."""

    code: str = Field(examples=["too_many_requests"])
    message: str = Field(description="A sentence for people, in the language of Accept-Language.")
    retryable: bool = Field(description="True if the same request can succeed later.")
    retry_after: float | None = Field(None, description="Seconds to wait before a retry, if known.")
    type: str | None = Field(None, description="Under /v1 only: the code that other paths use.")
    param: str | None = Field(None, description="Under /v1 only: the invalid parameter.")


class ErrorBody(BaseModel):
    """The body of an error response, and the data of an error frame."""

    error: ErrorFields


class ChunkFrame(BaseModel):
    """A piece of the answer's text."""

    chunk: str


class ReasoningFrame(BaseModel):
    """A piece of the model's reasoning, if the request has ``reasoning``."""

    reasoning: str


class PartFrame(BaseModel):
    """A part other than text and reasoning, such as a tool call, if the request has ``parts``."""

    part: dict[str, Any] = Field(description="``kind``, and the fields of that kind.")


class UsageFields(BaseModel):
    """Numbers of tokens."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class DoneFrame(BaseModel):
    """The last frame of every answer."""

    done: Literal[True]
    id: str
    status: Status
    finish_reason: str
    model: str
    usage: UsageFields | None
    stored: bool = Field(True, description="Sent only as false: the answer isn't stored yet.")


_EXAMPLE = """id: 5f0c:0.3
data: {"chunk": "Hel"}

id: 5f0c:end
data: {"done": true, "id": "5f0c", "status": "complete", "finish_reason": "stop", "model": "demo", "usage": null}

"""


def _stream() -> dict[str, Any]:
    frames = [frame.model_json_schema() for frame in (ChunkFrame, ReasoningFrame, PartFrame, ErrorBody, DoneFrame)]
    data = {"type": "string", "contentMediaType": "application/json", "contentSchema": {"anyOf": frames}}
    # One event of the stream, as in the HTML standard.
    event = {"type": "object", "properties": {"id": {"type": "string"}, "data": data}, "required": ["data"]}
    media = {"schema": event, "example": _EXAMPLE}
    return {"description": "Server-sent events; the last is a done frame.", "content": {"text/event-stream": media}}


def _errors(statuses: dict[int, str]) -> Responses:
    return {status: {"model": ErrorBody, "description": description} for status, description in statuses.items()}


NOT_ADMITTED = _errors({401: "No valid key, ticket or cookie.", 403: "The origin isn't allowed."})
TOO_MUCH = _errors({429: "Too many answers at once or within a minute, here or at the model's provider."})
BAD_BODY = _errors(
    {
        400: "The body is incomplete or not valid JSON.",
        408: "The body took too long.",
        413: "The body is too large, or the conversation too long for the model.",
        415: "The Content-Type isn't application/json.",
        422: "A field is invalid, or the model's content filter refused.",
    }
)
MODEL_FAILED = _errors(
    {
        500: "Internal error.",
        502: "The model's provider failed or refused.",
        503: "The model is unreachable, the storage fails, or the server is stopping or overloaded.",
        504: "The model took too long.",
    }
)
UNKNOWN = _errors({404: "No such answer or conversation, or it isn't the caller's."})
TAKEN = _errors({409: "The id is taken by another caller."})

NOTHING_MORE: Responses = {
    204: {"description": "With Last-Event-ID: the answer was read to its end, or doesn't exist."}
}
# FastAPI adds a 422 in its own format unless there is a 4XX.
_NO_OTHERS: Responses = {"4XX": {"description": "No other 4xx status is sent.", "model": ErrorBody}}

STREAM_BY_URL: Responses = {200: _stream(), **NOTHING_MORE, **NOT_ADMITTED, **TOO_MUCH, **_NO_OTHERS}
STREAM: Responses = {
    200: _stream(),
    **NOTHING_MORE,
    **NOT_ADMITTED,
    **TOO_MUCH,
    **BAD_BODY,
    **UNKNOWN,
    **TAKEN,
    **MODEL_FAILED,
}
STOP: Responses = {**NOT_ADMITTED, **UNKNOWN, **_NO_OTHERS}
COMPLETION: Responses = {
    200: {
        "description": "OpenAI's chat completion object, or its chunks if the request has stream.",
        "content": {
            "application/json": {"schema": {"type": "object"}},
            "text/event-stream": {"schema": {"type": "object"}},
        },
    },
    **NOT_ADMITTED,
    **TOO_MUCH,
    **_errors(
        {
            400: "The body or a parameter is invalid, the conversation too long, or the content filter refused.",
            404: "No such model.",
            408: "The body took too long.",
            415: "The Content-Type isn't application/json.",
        }
    ),
    **MODEL_FAILED,
}
MODEL: Responses = {**NOT_ADMITTED, **_errors({404: "No such model."})}
READY: Responses = {503: {"description": "Not ready. The body has the same fields; those that fail are false."}}
METRICS: Responses = {
    200: {
        "description": "Prometheus' text format.",
        "content": {"text/plain": {"schema": {"type": "string"}}},
    },
    **NOT_ADMITTED,
}
