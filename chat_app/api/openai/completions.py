"""The same answers for programs that know OpenAI's API, with a key: https://platform.openai.com/docs/api-reference

The system prompt is the server's own: a system message becomes part of the question.
``completion_schemas`` lists which parameters are honoured and which are refused.
"""

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from chat_app.api.http.guarded_route import KeyRoute, services_of
from chat_app.api.http.refusals import Refusal, explain, explain_failed, texts_for
from chat_app.api.http.responses import COMPLETION, MODEL, NOT_ADMITTED
from chat_app.api.openai.objects import END, Writer, model_object, openai_status, refusal_object
from chat_app.api.openai.schemas import Completion
from chat_app.api.stream.asking import early_failure, follow, start, unless_gone
from chat_app.api.stream.schemas import InvalidField
from chat_app.api.stream.sse import respond
from chat_app.models.errors import ChatError
from chat_app.models.events import AnswerEvent, Failure

logger = logging.getLogger(__name__)

# Names in a completion of the fields that ``/stream`` has.
_FIELDS = {"message": "messages", "history": "messages"}


class _CompletionRoute(KeyRoute):
    """Says what is wrong the way OpenAI does."""

    def refuse(self, request: Request, error: Exception) -> Response:
        if isinstance(error, InvalidField) and error.field in _FIELDS:
            error = InvalidField(_FIELDS[error.field], error.problem, status=error.status, **error.values)
        return refused(explain(request, error))


router = APIRouter(prefix="/v1", route_class=_CompletionRoute)


@router.get("/models", responses=NOT_ADMITTED)
async def models(request: Request) -> dict[str, Any]:
    """The models and agents that can be asked, the default one first."""
    return {"object": "list", "data": [model_object(agent.name) for agent in services_of(request).agents]}


@router.get("/models/{model:path}", responses=MODEL)
async def model(request: Request, model: str) -> dict[str, Any]:
    """The model, by its name, which may have slashes."""
    return model_object(_known_model(request, model))


@router.post("/chat/completions", responses=COMPLETION)
async def complete(request: Request, completion: Completion) -> Response:
    """Answer the last message, in pieces or as a whole.

    Parameters that can't be honoured are refused, none is ignored silently.
    """
    model = _known_model(request, completion.model)
    answer_id = await start(request, completion.question(), completion.options())
    writer = Writer(answer_id, model, texts_for(request), with_usage=completion.wants_usage)
    if not completion.stream:
        return await _whole(request, answer_id, writer)
    if failure := await early_failure(request, answer_id):
        return refused(explain_failed(request, failure))
    return respond(_stream(request, answer_id, writer))


def refused(refusal: Refusal) -> Response:
    """The error as a response in OpenAI's form."""
    # OpenAI's SDK repeats a request after most errors unless this header tells it not to.
    headers = {"X-Should-Retry": str(refusal.error["retryable"]).lower()}
    return JSONResponse({"error": refusal_object(refusal)}, openai_status(refusal), {**refusal.headers, **headers})


def _known_model(request: Request, model: str) -> str:
    """The name of the model, checked.

    Raises:
        InvalidField: There is no model with this name.
    """
    agents = services_of(request).agents
    if not model or agents.get(model) is None:
        known = ", ".join(agent.name for agent in agents)
        raise InvalidField("model", "no_such_model", status=404, model=known)
    return model


async def _whole(request: Request, answer_id: str, writer: Writer) -> Response:
    events = await unless_gone(request, _events(request, answer_id)) or []
    failures = [event for event in events if isinstance(event, Failure)]
    return refused(explain_failed(request, failures[0])) if failures else JSONResponse(writer.whole(events))


async def _events(request: Request, answer_id: str) -> list[AnswerEvent]:
    async with aclosing(follow(request, answer_id)) as batches:
        return [entry.event async for batch in batches for entry in batch]


async def _stream(request: Request, answer_id: str, writer: Writer) -> AsyncGenerator[bytes, None]:
    yield writer.first()
    try:
        async with aclosing(follow(request, answer_id)) as batches:
            async for batch in batches:
                yield b"".join(writer.chunks(entry.event) for entry in batch)
    except Exception:
        logger.exception("answer %s could not be followed", answer_id)
        yield writer.chunks(Failure(ChatError.code, ChatError.retryable))
    yield END
