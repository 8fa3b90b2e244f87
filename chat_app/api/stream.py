"""Answers as server-sent events: ask with GET or POST, follow, stop.

Whoever has a visitor's cookie asks as that visitor, and may ask in their conversations. A program asks with a key. An
answer can be read and stopped only by who has asked for it.
"""

import logging
from contextlib import aclosing
from typing import Annotated

import anyio
from fastapi import APIRouter, Query, Request, Response

from chat_app.api.answer_id import answer_id_of
from chat_app.api.authentication import Unauthorized
from chat_app.api.guarded_route import GuardedRoute, caller_of, services_of
from chat_app.api.refusals import refuse_failed, texts_for
from chat_app.api.schemas import NewTicket, PostedQuestion, Question, ensure_allowed, history_of
from chat_app.api.sse import HEADERS, Batches, event_stream, parse_event_id
from chat_app.api.tickets import LIFETIME
from chat_app.models.events import END, Entry, Failure

logger = logging.getLogger(__name__)

router = APIRouter(route_class=GuardedRoute)


@router.get("/stream")
async def ask_by_url(request: Request, question: Annotated[Question, Query()]) -> Response:
    """Ask the way an ``EventSource`` can. Errors come in the stream, where it can read them."""
    return await _go_on(request) or _stream(request, await _start(request, question))


@router.post("/stream")
async def ask(request: Request, question: PostedQuestion) -> Response:
    """Ask. The response begins with the answer's first word, so that an error before it has its own status."""
    if response := await _go_on(request):
        return response
    answer_id = await _start(request, question)
    failure = await _early_failure(request, answer_id)
    return refuse_failed(request, failure) if failure else _stream(request, answer_id)


@router.delete("/stream/{answer_id}", status_code=204)
async def stop(request: Request, answer_id: str) -> Response:
    """Stop an answer; without effect once it has ended."""
    caller = caller_of(request)
    caller.ensure_may_read(answer_id)
    await services_of(request).answers.stop(answer_id, caller.owner)
    return Response(status_code=204)


@router.post("/stream/tickets", status_code=201)
async def issue_ticket(request: Request) -> NewTicket:
    """Get a ticket for a browser, with a key: it starts one answer within a minute, ``GET /stream?ticket=…``."""
    holder = caller_of(request).key
    if holder is None:
        raise Unauthorized("only who shows a key gets a ticket")
    return NewTicket(ticket=request.app.state.tickets.issue(holder), expires_in=LIFETIME)


@router.api_route("/stream", methods=["HEAD", "OPTIONS"], include_in_schema=False)
async def describe() -> Response:
    """What a GET would be like. It starts nothing."""
    return Response(headers={**HEADERS, "Allow": "GET, HEAD, OPTIONS, POST"}, media_type="text/event-stream")


async def _go_on(request: Request) -> Response | None:
    """Continue after the last frame the client has, if it names one; 204 once it has them all. Never starts anything.

    Raises:
        NotFound: There is no such answer, or it is someone else's.
    """
    last_event_id = request.headers.get("last-event-id")
    if not last_event_id:
        return None
    answer_id, after = parse_event_id(last_event_id)
    caller_of(request).ensure_may_read(answer_id)
    if after == END:
        return Response(status_code=204)
    # The first frames of an answer that the client has a frame of are there at once, and show that it is the client's.
    await _first_batch(request, answer_id)
    return _stream(request, answer_id, after)


async def _start(request: Request, question: Question) -> str:
    """Begin the answer, unless it has begun already; returns its id."""
    services, owner = services_of(request), caller_of(request).owner
    ensure_allowed(question, services.settings)
    answer_id = await _answer_id(request, question)
    logger.info("request %s: answer %s", request.state.id, answer_id)
    if question.conversation_id:
        conversation = await services.conversations.get(owner, question.conversation_id)
        await services.conversations.ask(conversation, question.message, answer_id)
    else:
        await services.answers.start(answer_id, owner, question.message, history_of(question))
    return answer_id


async def _answer_id(request: Request, question: Question) -> str:
    caller = caller_of(request)
    if caller.ticket is None:
        return answer_id_of(caller.owner, question)
    if not await request.app.state.tickets.use(caller.ticket):
        raise Unauthorized("a ticket that is used or too old")
    return caller.ticket.answer_id


def _stream(request: Request, answer_id: str, after: int = 0) -> Response:
    return event_stream(answer_id, _follow(request, answer_id, after), texts_for(request))


async def _early_failure(request: Request, answer_id: str) -> Failure | None:
    """Wait for the first word, or for the error in its place; ``None`` also if the client goes away meanwhile."""
    first: list[Entry] = []
    async with anyio.create_task_group() as group:
        group.start_soon(_cancel_when_gone, request, group.cancel_scope)
        first = await _first_batch(request, answer_id)
        group.cancel_scope.cancel()
    return first[0].event if first and isinstance(first[0].event, Failure) else None


async def _first_batch(request: Request, answer_id: str) -> list[Entry]:
    async with aclosing(_follow(request, answer_id)) as batches:
        return await anext(batches, [])


async def _cancel_when_gone(request: Request, work: anyio.CancelScope) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    work.cancel()


def _follow(request: Request, answer_id: str, after: int = 0) -> Batches:
    return services_of(request).answers.follow(answer_id, caller_of(request).owner, after)
