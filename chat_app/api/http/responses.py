"""What the API answers, for its description. What it really does is where it is done; the tests compare the two."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from chat_app.models.message import Status

Responses = dict[int | str, dict[str, Any]]


class ErrorFields(BaseModel):
    """What went wrong, and whether trying again can help."""

    code: str = Field(examples=["too_many_requests"])
    message: str = Field(description="A sentence in the caller's language.")
    retryable: bool
    retry_after: float | None = Field(None, description="Seconds to wait, where they are known.")
    type: str | None = Field(None, description="Under /v1 only: the code as it is elsewhere.")
    param: str | None = Field(None, description="Under /v1 only: the parameter that is wrong.")


class ErrorBody(BaseModel):
    error: ErrorFields


class ChunkFrame(BaseModel):
    """A piece of the answer."""

    chunk: str


class ReasoningFrame(BaseModel):
    """A piece of what the model thinks, if it was asked for."""

    reasoning: str


class PartFrame(BaseModel):
    """A part that is neither text nor reasoning, if parts were asked for."""

    part: dict[str, Any] = Field(description="Its kind, and the fields of that kind.")


class UsageFields(BaseModel):
    """Tokens."""

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
    stored: bool = Field(True, description="False if the answer isn't stored yet; sent only then.")


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
    return {"description": "Events, the last of them a done frame.", "content": {"text/event-stream": media}}


def _errors(statuses: dict[int, str]) -> Responses:
    return {status: {"model": ErrorBody, "description": description} for status, description in statuses.items()}


NOT_ADMITTED = _errors({401: "No key, ticket or cookie.", 403: "Another site."})
TOO_MUCH = _errors({429: "Too many answers, at once or in a minute, here or at the model's provider."})
BAD_BODY = _errors(
    {
        400: "The body breaks off or is no JSON.",
        408: "The body takes too long.",
        413: "The body is too large, or the conversation too long for the model.",
        415: "The body isn't sent as JSON.",
        422: "A field can't be used, or the model's content filter refused.",
    }
)
MODEL_FAILED = _errors(
    {
        500: "Our own fault.",
        502: "The model's side failed or refused.",
        503: "The model can't be reached, the storage can't be written, or the server is stopping.",
        504: "The model took too long.",
    }
)
UNKNOWN = _errors({404: "No such answer or conversation, or someone else's."})
TAKEN = _errors({409: "The id is someone else's."})

NOTHING_MORE: Responses = {204: {"description": "After Last-Event-ID: there is nothing more, or no such answer."}}
# Named so, it keeps FastAPI from adding what isn't true.
_NO_OTHERS: Responses = {"4XX": {"description": "Nothing else.", "model": ErrorBody}}

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
        "description": "A chat completion of OpenAI's, whole or as chunks.",
        "content": {
            "application/json": {"schema": {"type": "object"}},
            "text/event-stream": {"schema": {"type": "object"}},
        },
    },
    **NOT_ADMITTED,
    **TOO_MUCH,
    **_errors(
        {
            400: "The body or a parameter can't be used, the conversation is too long, or the content filter refused.",
            404: "No such model.",
            408: "The body takes too long.",
            415: "The body isn't sent as JSON.",
        }
    ),
    **MODEL_FAILED,
}
MODEL: Responses = {**NOT_ADMITTED, **_errors({404: "No such model."})}
READY: Responses = {503: {"description": "Not ready; the same, with what is missing."}}
FIGURES: Responses = {
    200: {"description": "Prometheus' text format.", "content": {"text/plain": {"schema": {"type": "string"}}}},
    **NOT_ADMITTED,
}
