"""Responses of ``/files``, also for the OpenAPI description."""

from pydantic import BaseModel, Field

from chat_app.api.http.response_schemas import NOT_ADMITTED, ErrorBody, Responses

_REFUSED = {
    400: {"model": ErrorBody, "description": "The body breaks off, or isn't a form."},
    408: {"model": ErrorBody, "description": "The body comes too slowly."},
    413: {"model": ErrorBody, "description": "The file is too large."},
    415: {"model": ErrorBody, "description": "The body isn't `multipart/form-data`."},
    422: {"model": ErrorBody, "description": "The file can't be read, or is of a type that isn't supported."},
    503: {"model": ErrorBody, "description": "Too many uploads at once, or the storage is unavailable."},
}
_NOT_FOUND = {
    404: {"model": ErrorBody, "description": "No such file of the caller."},
    503: {"model": ErrorBody, "description": "The storage is unavailable."},
}

UPLOAD: Responses = {**NOT_ADMITTED, **_REFUSED}
DOWNLOAD: Responses = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
    **NOT_ADMITTED,
    **_NOT_FOUND,
    422: {"model": ErrorBody, "description": "An unknown form."},
}
DELETE: Responses = {204: {"description": "Deleted."}, **NOT_ADMITTED, **_NOT_FOUND}


class FileResponse(BaseModel):
    """An uploaded file."""

    id: str = Field(description="For `files` of a question.")
    name: str
    media_type: str = Field(description="Recognised by the content, not by the name.")
    size: int = Field(description="Bytes.")
