"""Starting and following answers for whoever sends a request."""

import logging
from collections.abc import Awaitable
from contextlib import aclosing
from typing import TypeVar

import anyio
from fastapi import Request

from chat_app.api.http.guarded_route import caller_of, services_of
from chat_app.api.stream.answer_id import answer_id_of
from chat_app.api.stream.schemas import Question, ensure_allowed, history_of
from chat_app.api.stream.sse import Batches
from chat_app.models.errors import Unauthorized
from chat_app.models.events import START, Cursor, Entry, Failure
from chat_app.models.message import Role, Turn
from chat_app.models.request import DEFAULT_OPTIONS, AnswerRequest, Options

logger = logging.getLogger(__name__)

Result = TypeVar("Result")


async def start(request: Request, question: Question, options: Options = DEFAULT_OPTIONS) -> str:
    """Begin the answer, unless it has begun already; returns its id.

    Args:
        options: Sampling options; only for an answer outside a conversation.
    """
    services, caller = services_of(request), caller_of(request)
    ensure_allowed(question, services.settings, services.agents)
    answer_id = await _answer_id(request, question)
    logger.info("asked for answer %s", answer_id)
    if question.conversation_id:
        conversation = await services.conversations.get(caller.principal, question.conversation_id)
        await services.questions.ask(caller, conversation, question.message, answer_id, model=question.model or "")
    else:
        messages = (*history_of(question), Turn(Role.USER, question.message))
        model = question.model or ""
        await services.answers.start(
            AnswerRequest(answer_id=answer_id, caller=caller, messages=messages, model=model, options=options)
        )
    return answer_id


def follow(request: Request, answer_id: str, after: Cursor = START) -> Batches:
    """The answer's entries past ``after``."""
    return services_of(request).answers.follow(answer_id, caller_of(request).principal, after)


async def first_batch(request: Request, answer_id: str) -> list[Entry]:
    """Its first entries, as soon as there are any."""
    async with aclosing(follow(request, answer_id)) as batches:
        return await anext(batches, [])


async def early_failure(request: Request, answer_id: str) -> Failure | None:
    """Wait for the first word, or for the error in its place; ``None`` also if the client goes away meanwhile."""
    first = await unless_gone(request, first_batch(request, answer_id))
    return first[0].event if first and isinstance(first[0].event, Failure) else None


async def unless_gone(request: Request, work: Awaitable[Result]) -> Result | None:
    """What ``work`` returns; ``None``, and it ends, if the client goes away meanwhile."""
    result: Result | None = None
    async with anyio.create_task_group() as group:
        group.start_soon(_cancel_when_gone, request, group.cancel_scope)
        result = await work
        group.cancel_scope.cancel()
    return result


async def _answer_id(request: Request, question: Question) -> str:
    caller = caller_of(request)
    if caller.ticket is None:
        return answer_id_of(caller.principal, question)
    if not await request.app.state.tickets.use(caller.ticket):
        raise Unauthorized("a ticket that is used or too old")
    return caller.ticket.answer_id


async def _cancel_when_gone(request: Request, work: anyio.CancelScope) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    work.cancel()
