"""Starting and following the answer of a request."""

import logging
from collections.abc import Awaitable
from contextlib import aclosing
from typing import TypeVar

import anyio
from fastapi import Request

from chat_app.api.http.route_classes import caller_of, services_of
from chat_app.api.stream.idempotency import answer_id_for
from chat_app.api.stream.schemas import StreamRequest, ensure_valid, history_of
from chat_app.api.stream.sse import Batches
from chat_app.models.errors import Unauthorized
from chat_app.models.events import START, Cursor, Entry, Failure
from chat_app.models.message import Role, Turn
from chat_app.models.request import AnswerRequest, Options

logger = logging.getLogger(__name__)

Result = TypeVar("Result")


async def start(request: Request, params: StreamRequest, options: Options | None = None) -> str:
    """Start the answer, unless an earlier request has; returns its id.

    Args:
        options: Options of the answer in place of those in ``params``; only for an answer outside a conversation.
    """
    services, caller = services_of(request), caller_of(request)
    await services.models.find(params.model or "")  # a server may have added it
    ensure_valid(params, services.settings, services.agents)
    if caller.ticket is None:
        answer_id = answer_id_for(caller.principal, params)
    elif await request.app.state.tickets.use(caller.ticket):
        answer_id = caller.ticket.answer_id
    else:
        raise Unauthorized("a ticket that is used or too old")
    logger.info("asked for answer %s", answer_id)
    model = params.model or ""
    if params.conversation_id:
        conversation = await services.conversations.get(caller.principal, params.conversation_id)
        await services.questions.ask(
            caller, conversation, params.message, answer_id, model=model, file_ids=params.files
        )
    else:
        files = await services.files.for_message(caller.principal, params.files)
        attached = services.files.attached(caller.principal, files)
        messages = (*history_of(params), Turn(Role.USER, params.message, attached))
        await services.answers.start(
            AnswerRequest(
                answer_id=answer_id,
                caller=caller,
                messages=messages,
                model=model,
                options=options or params.options,
            )
        )
    return answer_id


def follow(request: Request, answer_id: str, after: Cursor = START) -> Batches:
    """Follow the answer's log from ``after``."""
    return services_of(request).answers.follow(answer_id, caller_of(request).principal, after)


async def first_batch(request: Request, answer_id: str) -> list[Entry]:
    """Wait for the first entries of the answer's log."""
    async with aclosing(follow(request, answer_id)) as batches:
        return await anext(batches, [])


async def initial_failure(request: Request, answer_id: str) -> Failure | None:
    """Wait until the answer begins; returns its failure if it fails first, ``None`` also if the client disconnects."""
    first = await cancel_on_disconnect(request, first_batch(request, answer_id))
    return first[0].event if first and isinstance(first[0].event, Failure) else None


async def cancel_on_disconnect(request: Request, work: Awaitable[Result]) -> Result | None:
    """Await ``work``; if the client disconnects meanwhile, cancel it and return ``None``."""
    result: Result | None = None
    async with anyio.create_task_group() as group:
        group.start_soon(_cancel_when_disconnected, request, group.cancel_scope)
        result = await work
        group.cancel_scope.cancel()
    return result


async def _cancel_when_disconnected(request: Request, scope: anyio.CancelScope) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    scope.cancel()
