"""Files for questions: upload, read, delete. A file is its owner's alone: a visitor's, or the holder's of a key."""

from enum import StrEnum
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response, UploadFile

from chat_app.api.files.schemas import DELETE, DOWNLOAD, UPLOAD, FileResponse
from chat_app.api.http.body import with_form
from chat_app.api.http.errors import describe_error
from chat_app.api.http.route_classes import GuardedRoute, caller_of, services_of
from chat_app.infrastructure.security.response_headers import FILE_POLICY
from chat_app.models.files import StoredFile


class Form(StrEnum):
    """The form of a file in a response."""

    ORIGINAL = "original"
    PICTURE = "picture"
    THUMBNAIL = "thumbnail"


class _FileRoute(GuardedRoute):
    """Sends errors with their status to a GET too."""

    def error_response(self, request: Request, error: Exception) -> Response:
        return describe_error(request, error).response()


class _UploadRoute(_FileRoute):
    """Receives a form with a file in place of JSON."""

    async def admit_body(self, request: Request) -> Request:
        settings = services_of(request).settings
        return await with_form(
            request,
            max_bytes=settings.max_file_body_bytes,
            seconds=settings.body_timeout,
            budget=request.app.state.upload_budget,
        )


class _DownloadRoute(_FileRoute):
    """Admits links and ``<img>`` elements of any page: nothing is spent, and other sites come without the cookie."""

    def check_origin(self, request: Request) -> None:
        pass


uploads = APIRouter(route_class=_UploadRoute)
downloads = APIRouter(route_class=_DownloadRoute)
router = APIRouter(route_class=_FileRoute)


@uploads.post("/files", status_code=201, responses=UPLOAD)
async def upload(request: Request, file: UploadFile) -> FileResponse:
    """Upload a file for a question. It is deleted after a day unless it is sent in a conversation."""
    content = await file.read()
    stored = await services_of(request).files.upload(caller_of(request).principal, file.filename or "", content)
    return FileResponse(id=stored.id, name=stored.name, media_type=stored.media_type, size=stored.size)


@downloads.get("/files/{file_id}", response_class=Response, responses=DOWNLOAD)
async def download(
    request: Request,
    file_id: str,
    form: Annotated[Form, Query(description="As it is, or a picture's.")] = Form.ORIGINAL,
) -> Response:
    """Download a file; a picture also scaled down or as a thumbnail, without metadata."""
    files, owner = services_of(request).files, caller_of(request).principal
    file = await files.get(owner, file_id)
    if form is Form.ORIGINAL:
        return _response(await files.original(owner, file_id), file.media_type, _attachment(file))
    picture = await (files.thumbnail if form is Form.THUMBNAIL else files.picture)(owner, file_id)
    return _response(picture.content, picture.media_type, "inline")


@router.delete("/files/{file_id}", status_code=204, responses=DELETE)
async def delete(request: Request, file_id: str) -> Response:
    """Delete a file that hasn't been sent. The others are deleted with their conversation."""
    await services_of(request).files.delete(caller_of(request).principal, file_id)
    return Response(status_code=204)


def _response(content: bytes, media_type: str, disposition: str) -> Response:
    headers = {
        "Content-Disposition": disposition,
        # A file may be a web page with scripts: no browser may run it with the page's rights.
        "Content-Security-Policy": FILE_POLICY,
        "Cross-Origin-Resource-Policy": "same-site",
        "Cache-Control": "private, max-age=3600",
        "Vary": "Cookie, Authorization",
    }
    is_text = media_type.startswith("text/")
    return Response(content, media_type="text/plain; charset=utf-8" if is_text else media_type, headers=headers)


def _attachment(file: StoredFile) -> str:
    return f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
