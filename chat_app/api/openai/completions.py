"""Routes of OpenAI's API, for programs with a key: https://platform.openai.com/docs/api-reference

The system prompt is the server's; a system message becomes part of the question.
``schemas`` lists the supported parameters.
"""

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from chat_app.api.http.errors import InvalidField, describe_error, describe_failure, texts_for
from chat_app.api.http.response_schemas import COMPLETION, MODEL, NOT_ADMITTED
from chat_app.api.http.route_classes import KeyRoute, services_of
from chat_app.api.openai.errors import openai_error_response
from chat_app.api.openai.objects import END_FRAME, CompletionWriter, model_object
from chat_app.api.openai.schemas import CompletionRequest
from chat_app.api.stream.answers import cancel_on_disconnect, follow, initial_failure, start
from chat_app.api.stream.sse import sse_response
from chat_app.models.errors import ChatError
from chat_app.models.events import AnswerEvent, Failure

logger = logging.getLogger(__name__)

# Fields of ``StreamBody`` by their names in a completion request, for errors.
_FIELDS = {"message": "messages", "history": "messages"}


class _CompletionRoute(KeyRoute):
    """Sends errors in OpenAI's format."""

    def error_response(self, request: Request, error: Exception) -> Response:
        if isinstance(error, InvalidField) and error.field in _FIELDS:
            error = InvalidField(_FIELDS[error.field], error.problem, status=error.status, **error.values)
        return openai_error_response(describe_error(request, error))


router = APIRouter(prefix="/v1", route_class=_CompletionRoute)


@router.get("/models", responses=NOT_ADMITTED)
async def list_models(request: Request) -> dict[str, Any]:
    """List the models and agents, the default one first."""
    return {"object": "list", "data": [model_object(agent.name) for agent in services_of(request).agents]}


@router.get("/models/{model:path}", responses=MODEL)
async def retrieve_model(request: Request, model: str) -> dict[str, Any]:
    """Get a model or an agent by its name, which may contain slashes."""
    return model_object(await _known_model(request, model))


@router.post("/chat/completions", responses=COMPLETION)
async def create_chat_completion(request: Request, body: CompletionRequest) -> Response:
    """Answer the last message, whole or as a stream of chunks.

    A parameter that the server doesn't support is an error; none is ignored silently.
    """
    model = await _known_model(request, body.model)
    answer_id = await start(request, body.stream_body(), body.options())
    writer = CompletionWriter(answer_id, model, texts_for(request), with_usage=body.wants_usage)
    if not body.stream:
        return await _whole(request, answer_id, writer)
    if failure := await initial_failure(request, answer_id):
        return openai_error_response(describe_failure(request, failure))
    return sse_response(_stream(request, answer_id, writer))


async def _known_model(request: Request, model: str) -> str:
    """Return the name of the model if it exists.

    Raises:
        InvalidField: No model has this name.
    """
    services = services_of(request)
    if not model or await services.models.find(model) is None:
        raise InvalidField("model", "no_such_model", status=404, model=services.agents.summary)
    return model


async def _whole(request: Request, answer_id: str, writer: CompletionWriter) -> Response:
    events = await cancel_on_disconnect(request, _events(request, answer_id)) or []
    if failure := next((event for event in events if isinstance(event, Failure)), None):
        return openai_error_response(describe_failure(request, failure))
    return JSONResponse(writer.completion(events))


async def _events(request: Request, answer_id: str) -> list[AnswerEvent]:
    async with aclosing(follow(request, answer_id)) as batches:
        return [entry.event async for batch in batches for entry in batch]


async def _stream(request: Request, answer_id: str, writer: CompletionWriter) -> AsyncGenerator[bytes, None]:
    yield writer.first_chunk()
    try:
        async with aclosing(follow(request, answer_id)) as batches:
            async for batch in batches:
                yield b"".join(writer.chunks(entry.event) for entry in batch)
    except Exception:
        logger.exception("answer %s could not be followed", answer_id)
        yield writer.chunks(Failure(ChatError.code, ChatError.retryable))
    yield END_FRAME
