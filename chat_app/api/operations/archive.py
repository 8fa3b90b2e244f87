"""Bringing conversations back: ``POST /archive`` takes what the page has exported. Only the page needs it."""

from fastapi import APIRouter, Request
from pydantic import BaseModel

from chat_app.api.http.body import spooled_archive
from chat_app.api.http.guarded_route import GuardedRoute, caller_of, services_of

router = APIRouter(route_class=GuardedRoute, include_in_schema=False)


class Added(BaseModel):
    """Numbers of conversations that were added, and of those that were there already."""

    conversations: int
    already_there: int


@router.post("/archive")
async def add(request: Request) -> Added:
    """Add the conversations of an archive as the caller's."""
    services, owner = services_of(request), caller_of(request).principal
    settings = services.settings
    async with (
        services.imports.lock(owner),
        spooled_archive(
            request,
            max_bytes=settings.max_archive_bytes,
            max_chars=settings.max_import_chars,
            seconds=settings.body_timeout,
            uploads=request.app.state.uploads,
        ) as file,
    ):
        imported = await services.imports.add(owner, file)
    return Added(conversations=len(imported.added), already_there=imported.present)
