"""Answers as server-sent events: ask with GET or POST, follow, stop.

Whoever has a visitor's cookie asks as that visitor, and may ask in their conversations. A program asks with a key. An
answer can be read and stopped only by who has asked for it.
"""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sse_starlette import EventSourceResponse

from chat_app.api.http.guarded_route import GuardedRoute, KeyRoute, caller_of, services_of
from chat_app.api.http.refusals import explain_failed, texts_for
from chat_app.api.http.responses import NOT_ADMITTED, STOP, STREAM, STREAM_BY_URL
from chat_app.api.security.tickets import LIFETIME
from chat_app.api.stream.asking import early_failure, first_batch, follow, start
from chat_app.api.stream.schemas import NewTicket, PostedQuestion, Question, QuestionInUrl
from chat_app.api.stream.sse import HEADERS, event_stream, parse_event_id
from chat_app.models.events import END, START, Cursor

router = APIRouter(route_class=GuardedRoute)
tickets = APIRouter(route_class=KeyRoute)


@router.get("/stream", response_class=EventSourceResponse, responses=STREAM_BY_URL)
async def ask_by_url(request: Request, question: Annotated[QuestionInUrl, Query()]) -> Response:
    """Ask the way an ``EventSource`` can. Errors come in the stream, where it can read them."""
    return await _go_on(request, question) or _stream(request, question, await start(request, question))


@router.post("/stream", response_class=EventSourceResponse, responses=STREAM)
async def ask(request: Request, question: PostedQuestion) -> Response:
    """Ask. The response begins with the answer's first word, so that an error before it has its own status."""
    if response := await _go_on(request, question):
        return response
    answer_id = await start(request, question)
    failure = await early_failure(request, answer_id)
    return explain_failed(request, failure).response() if failure else _stream(request, question, answer_id)


@router.delete("/stream/{answer_id}", status_code=204, responses=STOP)
async def stop(request: Request, answer_id: str) -> Response:
    """Stop an answer; without effect once it has ended."""
    caller = caller_of(request)
    caller.ensure_may_read(answer_id)
    await services_of(request).answers.stop(answer_id, caller.principal)
    return Response(status_code=204)


@tickets.post("/stream/tickets", status_code=201, responses=NOT_ADMITTED)
async def issue_ticket(request: Request) -> NewTicket:
    """Get a ticket for a browser, with a key: it starts one answer within a minute, ``GET /stream?ticket=…``."""
    return NewTicket(ticket=request.app.state.tickets.issue(caller_of(request).key), expires_in=LIFETIME)


@router.api_route("/stream", methods=["HEAD", "OPTIONS"], include_in_schema=False)
async def describe() -> Response:
    """What a GET would be like. It starts nothing."""
    return Response(headers={**HEADERS, "Allow": "GET, HEAD, OPTIONS, POST"}, media_type="text/event-stream")


async def _go_on(request: Request, question: Question) -> Response | None:
    """Continue after the last frame the client has, if it names one; 204 once it has them all. Never starts anything.

    Raises:
        NotFound: There is no such answer, or it is someone else's.
    """
    last_event_id = request.headers.get("last-event-id")
    if not last_event_id:
        return None
    answer_id, place = parse_event_id(last_event_id)
    caller = caller_of(request)
    caller.ensure_may_read(answer_id)
    answers = services_of(request).answers
    after = place if isinstance(place, Cursor) else await answers.cursor_of_lengths(answer_id, caller.principal, *place)
    if after >= END:
        return Response(status_code=204)
    # The first frames of an answer that the client has a frame of are there at once, and show that it is the client's.
    await first_batch(request, answer_id)
    return _stream(request, question, answer_id, after)


def _stream(request: Request, question: Question, answer_id: str, after: Cursor = START) -> Response:
    return event_stream(
        answer_id,
        follow(request, answer_id, after),
        texts_for(request),
        with_reasoning=question.reasoning,
        with_parts=question.parts,
    )
