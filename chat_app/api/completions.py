"""The same answers for programs that know OpenAI's API, with a key: https://platform.openai.com/docs/api-reference

Such a program sees one model. What that is told first, and how it writes, is the server's choice: a system message
becomes part of the question, and parameters such as the temperature don't count.
"""

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from chat_app.api.asking import early_failure, follow, start, unless_gone
from chat_app.api.completion_objects import END, Writer, error_object, model_object
from chat_app.api.completion_schemas import Completion
from chat_app.api.guarded_route import KeyRoute, services_of
from chat_app.api.refusals import Refusal, explain, explain_failed, texts_for
from chat_app.api.responses import COMPLETION, NOT_ADMITTED
from chat_app.api.schemas import InvalidField
from chat_app.api.sse import respond
from chat_app.models.errors import ChatError
from chat_app.models.events import AnswerEvent, Failure

logger = logging.getLogger(__name__)


class _CompletionRoute(KeyRoute):
    """Says what is wrong the way OpenAI does."""

    def refuse(self, request: Request, error: Exception) -> Response:
        return _refused(explain(request, error))


router = APIRouter(prefix="/v1", route_class=_CompletionRoute)


@router.get("/models", responses=NOT_ADMITTED)
async def models(request: Request) -> dict[str, Any]:
    """The one model there is."""
    return {"object": "list", "data": [model_object(services_of(request).settings.model)]}


@router.post("/chat/completions", responses=COMPLETION)
async def complete(request: Request, completion: Completion) -> Response:
    """Answer the last message, in pieces or as a whole."""
    model = services_of(request).settings.model
    if completion.model != model:
        raise InvalidField("model", f"this server has {model}")
    answer_id = await start(request, completion.question())
    writer = Writer(answer_id, model, texts_for(request), with_usage=completion.wants_usage)
    if not completion.stream:
        return await _whole(request, answer_id, writer)
    if failure := await early_failure(request, answer_id):
        return _refused(explain_failed(request, failure))
    return respond(_stream(request, answer_id, writer))


async def _whole(request: Request, answer_id: str, writer: Writer) -> Response:
    events = await unless_gone(request, _events(request, answer_id)) or []
    failures = [event for event in events if isinstance(event, Failure)]
    return _refused(explain_failed(request, failures[0])) if failures else JSONResponse(writer.whole(events))


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


def _refused(refusal: Refusal) -> Response:
    # OpenAI's SDK tries again after most errors, unless it is told that it is no use.
    headers = {"X-Should-Retry": str(refusal.error["retryable"]).lower()}
    return JSONResponse({"error": error_object(refusal.error)}, refusal.status, {**refusal.headers, **headers})
