"""``POST /archive``: import of conversations that the page has exported. Only the page uses it."""

from fastapi import APIRouter, Request
from pydantic import BaseModel

from chat_app.api.http.body import spooled_archive
from chat_app.api.http.route_classes import GuardedRoute, caller_of, services_of

router = APIRouter(route_class=GuardedRoute, include_in_schema=False)


class ImportResult(BaseModel):
    """Numbers of conversations: imported, and skipped since they exist already."""

    conversations: int
    already_there: int


@router.post("/archive")
async def import_archive(request: Request) -> ImportResult:
    """Import an archive's conversations for the caller."""
    services, owner = services_of(request), caller_of(request).principal
    settings = services.settings
    async with (
        services.imports.lock(owner),
        spooled_archive(
            request,
            max_bytes=settings.max_archive_bytes,
            max_chars=settings.max_import_chars,
            seconds=settings.body_timeout,
            budget=request.app.state.upload_budget,
        ) as file,
    ):
        imported = await services.imports.add(owner, file)
    return ImportResult(conversations=len(imported.added), already_there=imported.present)
