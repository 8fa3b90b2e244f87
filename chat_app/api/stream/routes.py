"""Answers as server-sent events: ask with GET or POST, resume, stop.

A browser is authenticated by its visitor cookie and may ask in the visitor's conversations; a program by its API key.
An answer can be read and stopped only by the caller that asked for it.

A stream consists of frames of JSON: `chunk` is a piece of the text, `error` a failure, and `done` the last frame. To
resume a stream, send its last `id` as `Last-Event-ID`.
"""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sse_starlette import EventSourceResponse

from chat_app.api.http.errors import describe_failure, texts_for
from chat_app.api.http.response_schemas import NOT_ADMITTED, STOP, STREAM, STREAM_BY_URL
from chat_app.api.http.route_classes import GuardedRoute, KeyRoute, caller_of, services_of
from chat_app.api.security.tickets import LIFETIME
from chat_app.api.stream.answers import first_batch, follow, initial_failure, start
from chat_app.api.stream.schemas import StreamBody, StreamQuery, StreamRequest, TicketResponse
from chat_app.api.stream.sse import HEADERS, event_stream, parse_event_id
from chat_app.models.events import END, START, Cursor

router = APIRouter(route_class=GuardedRoute)
tickets = APIRouter(route_class=KeyRoute)


@router.get("/stream", response_class=EventSourceResponse, responses=STREAM_BY_URL)
async def ask_by_url(request: Request, params: Annotated[StreamQuery, Query()]) -> Response:
    """Ask from an `EventSource`. It can't read error responses, so most errors are frames, with status 200."""
    return await _resume(request, params) or _stream(request, params, await start(request, params))


@router.post("/stream", response_class=EventSourceResponse, responses=STREAM)
async def ask(request: Request, body: StreamBody) -> Response:
    """Ask. The response begins with the first piece of the answer, so that an error before it has its own status."""
    if response := await _resume(request, body):
        return response
    answer_id = await start(request, body)
    failure = await initial_failure(request, answer_id)
    return describe_failure(request, failure).response() if failure else _stream(request, body, answer_id)


@router.delete("/stream/{answer_id}", status_code=204, responses=STOP)
async def stop(request: Request, answer_id: str) -> Response:
    """Stop an answer. No effect if it has ended already."""
    caller = caller_of(request)
    caller.ensure_may_read(answer_id)
    await services_of(request).answers.stop(answer_id, caller.principal)
    return Response(status_code=204)


@tickets.post("/stream/tickets", status_code=201, responses=NOT_ADMITTED)
async def issue_ticket(request: Request) -> TicketResponse:
    """Issue a ticket, with an API key. A browser can start one answer with it: `GET /stream?ticket=…`."""
    return TicketResponse(ticket=request.app.state.tickets.issue(caller_of(request).key), expires_in=LIFETIME)


@router.api_route("/stream", methods=["HEAD", "OPTIONS"], include_in_schema=False)
async def describe() -> Response:
    """Return the headers of a GET, without starting an answer."""
    return Response(headers={**HEADERS, "Allow": "GET, HEAD, OPTIONS, POST"}, media_type="text/event-stream")


async def _resume(request: Request, params: StreamRequest) -> Response | None:
    """Resume an answer after ``Last-Event-ID``; 204 at its end, ``None`` without this header.

    Raises:
        NotFound: The answer doesn't exist or isn't the caller's.
    """
    last_event_id = request.headers.get("last-event-id")
    if not last_event_id:
        return None
    answer_id, position = parse_event_id(last_event_id)
    caller = caller_of(request)
    caller.ensure_may_read(answer_id)
    if isinstance(position, Cursor):
        after = position
    else:
        after = await services_of(request).answers.cursor_of_lengths(answer_id, caller.principal, *position)
    if after >= END:
        return Response(status_code=204)
    # Raises before the response begins if the answer isn't the caller's. No waiting: the client has a frame of it.
    await first_batch(request, answer_id)
    return _stream(request, params, answer_id, after)


def _stream(request: Request, params: StreamRequest, answer_id: str, after: Cursor = START) -> Response:
    return event_stream(
        answer_id,
        follow(request, answer_id, after),
        texts_for(request),
        with_reasoning=params.reasoning,
        with_parts=params.parts,
    )
