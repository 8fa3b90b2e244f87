"""Bringing conversations back: ``POST /archive`` takes what the page has exported. Only the page needs it."""

from fastapi import APIRouter, Request
from pydantic import BaseModel

from chat_app.api.body import with_json_body
from chat_app.api.guarded_route import GuardedRoute, caller_of, services_of
from chat_app.models.errors import InvalidRequest

MAX_CHAR_BYTES = 4  # in UTF-8

router = APIRouter(route_class=GuardedRoute, include_in_schema=False)


class Added(BaseModel):
    """How many conversations there are more."""

    conversations: int


@router.post("/archive")
async def add(request: Request) -> Added:
    """Add the conversations of an archive as the caller's."""
    imports, owner = services_of(request).imports, caller_of(request).owner
    async with imports.turn(owner):
        added = await imports.add(owner, await _text(request))
    return Added(conversations=len(added))


async def _text(request: Request) -> str:
    """The body, which is text for ``Imports`` to make sense of.

    Raises:
        InvalidRequest: It isn't UTF-8.
    """
    settings = services_of(request).settings
    max_bytes = settings.max_import_chars * MAX_CHAR_BYTES
    received = await with_json_body(request, max_bytes=max_bytes, seconds=settings.body_timeout)
    try:
        return (await received.body()).decode("utf-8-sig")  # some editors mark the beginning of a file
    except UnicodeDecodeError as error:
        raise InvalidRequest("an archive that isn't UTF-8") from error
