"""The files of all owners."""

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from pathlib import PurePath
from typing import Any

from pathvalidate import sanitize_filename

from chat_app.models.errors import FileRefused, NotFound
from chat_app.models.file_content import AttachedFile, FileContent, Page, Picture
from chat_app.models.files import StoredFile
from chat_app.models.message import now
from chat_app.models.parts import File, Part
from chat_app.models.principal import Principal
from chat_app.models.text import one_line
from chat_app.services.answering.allowance import ensure_rate
from chat_app.services.ports import FileContents, FileReader, FileStore, RateLimiter

logger = logging.getLogger(__name__)

UPLOADS_PER_MINUTE = 60
UNSENT_RETENTION = 86_400.0  # seconds
MAX_PAGE_PICTURES = 8  # of a scanned PDF

_MAX_NAME = 120
_MEGABYTE = 1_000_000
_PDF = "application/pdf"

# Names of a file's contents in the store.
_ORIGINAL, _TEXT, _PICTURE, _THUMBNAIL = "original", "text", "picture", "thumbnail"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLimits:
    """Limits of files.

    Attributes:
        file_bytes: Bytes of one file.
        files: Files of one message.
        message_bytes: Bytes of the files of one message.
        quota: Bytes of the files of one owner.
    """

    file_bytes: int
    files: int
    message_bytes: int
    quota: int


class Files:
    """Files in storage. Each method is limited to those of the owner it is given.

    Raises:
        StorageUnavailable: From each method: the index or the contents can't be read or written.
    """

    def __init__(
        self,
        store: FileStore,
        contents: FileContents,
        reader: FileReader,
        limiter: RateLimiter,
        limits: FileLimits,
    ) -> None:
        self._store = store
        self._contents = contents
        self._reader = reader
        self._limiter = limiter
        self.limits = limits

    async def upload(self, owner: Principal, name: str, content: bytes) -> StoredFile:
        """Store a file.

        Args:
            name: Its name on the client.

        Raises:
            FileRefused: It can't be read, is too large, or exceeds the owner's quota.
            TooManyRequests: The owner's rate limit is reached.
        """
        await ensure_rate(self._limiter, UPLOADS_PER_MINUTE, "uploads", owner)
        if len(content) > self.limits.file_bytes:
            raise FileRefused("too_large", max=self.limits.file_bytes // _MEGABYTE)
        read = await self._reader.read(content, name)
        file = StoredFile(
            owner=owner, name=_cleaned(name, read.media_type), media_type=read.media_type, size=len(content)
        )
        try:
            # First, since a file in the index must have its contents.
            for form, stored in _contents_of(content, read):
                await self._contents.put(f"{file.id}/{form}", stored)
            await self._store.add_file(file, quota=self.limits.quota)
        except BaseException:
            await asyncio.shield(self._delete_contents(file.id))
            raise
        return file

    async def get(self, owner: Principal, file_id: str) -> StoredFile:
        """Return a file.

        Raises:
            NotFound: No such file, or another owner's.
        """
        found = await self._store.files(owner, [file_id])
        if not found:
            raise NotFound(f"file {file_id}")
        return found[0]

    async def original(self, owner: Principal, file_id: str) -> bytes:
        """Return the file itself.

        Raises:
            NotFound: As ``get``.
        """
        return await self._content(owner, file_id, _ORIGINAL)

    async def thumbnail(self, owner: Principal, file_id: str) -> Picture:
        """Return a small form of a picture.

        Raises:
            NotFound: As ``get``, or the file is no picture.
        """
        return await self._picture(owner, file_id, _THUMBNAIL)

    async def picture(self, owner: Principal, file_id: str) -> Picture:
        """Return a picture without metadata, upright, scaled down for a screen or a model.

        Raises:
            NotFound: As ``thumbnail``.
        """
        return await self._picture(owner, file_id, _PICTURE)

    async def delete(self, owner: Principal, file_id: str) -> None:
        """Delete a file that hasn't been sent.

        Raises:
            NotFound: No such file, another owner's, or part of a conversation, with which it is deleted.
        """
        if not await self._store.delete_file(owner, file_id):
            raise NotFound(f"unsent file {file_id}")
        await self._delete_contents(file_id)

    async def for_message(
        self, owner: Principal, file_ids: Sequence[str], conversation_id: str | None = None
    ) -> list[File]:
        """Return files as parts of a new message.

        Args:
            conversation_id: The conversation of the message; ``None`` for a new one or none.

        Raises:
            FileRefused: There are too many, they are too large together, or one is in another conversation.
            NotFound: The owner doesn't have one of them.
        """
        wanted = list(dict.fromkeys(file_ids))
        if len(wanted) > self.limits.files:
            raise FileRefused("too_many", max=self.limits.files)
        found = {file.id: file for file in await self._store.files(owner, wanted)} if wanted else {}
        if missing := [file_id for file_id in wanted if file_id not in found]:
            raise NotFound(f"files {missing}")
        if any(file.conversation_id not in (None, conversation_id) for file in found.values()):
            raise FileRefused("elsewhere")
        if sum(file.size for file in found.values()) > self.limits.message_bytes:
            raise FileRefused("too_large_together", max=self.limits.message_bytes // _MEGABYTE)
        return [found[file_id].part for file_id in wanted]

    def attached(self, owner: Principal, parts: Sequence[Part]) -> tuple[AttachedFile, ...]:
        """Return the files among ``parts``, to be read when a prompt is made."""
        return tuple(
            AttachedFile(
                part.file_id,
                part.name,
                part.media_type,
                part.size,
                load=partial(self.original, owner, part.file_id),
                load_content=partial(self._read, owner, part.file_id),
                load_pictures=partial(self._page_pictures, owner, part.file_id),
            )
            for part in parts
            if isinstance(part, File)
        )

    async def purge(self) -> None:
        """Delete the files of purged conversations, and those that were uploaded a day ago and never sent."""
        for file_id in await self._store.purge_files(now() - timedelta(seconds=UNSENT_RETENTION)):
            await self._delete_contents(file_id)

    async def _read(self, owner: Principal, file_id: str) -> FileContent:
        file = await self.get(owner, file_id)
        if file.media_type.startswith("image/"):
            return FileContent(file.media_type, picture=await self.picture(owner, file_id))
        pages = json.loads(await self._content(owner, file_id, _TEXT))
        return FileContent(file.media_type, tuple(Page(**page) for page in pages))

    async def _page_pictures(self, owner: Principal, file_id: str) -> list[Picture]:
        file = await self.get(owner, file_id)
        if file.media_type != _PDF:
            return []
        return await self._reader.page_pictures(await self.original(owner, file_id), MAX_PAGE_PICTURES)

    async def _picture(self, owner: Principal, file_id: str, form: str) -> Picture:
        head, _, content = (await self._content(owner, file_id, form)).partition(b"\n")
        return Picture(content, **json.loads(head))

    async def _content(self, owner: Principal, file_id: str, form: str) -> bytes:
        file = await self.get(owner, file_id)
        content = await self._contents.get(f"{file.id}/{form}")
        if content is None:
            raise NotFound(f"{form} of file {file_id}")
        return content

    async def _delete_contents(self, file_id: str) -> None:
        for form in (_ORIGINAL, _TEXT, _PICTURE, _THUMBNAIL):
            await self._contents.delete(f"{file_id}/{form}")


def _contents_of(original: bytes, read: FileContent) -> list[tuple[str, bytes]]:
    """Return the contents to store, by name."""
    contents = [(_ORIGINAL, original)]
    if read.picture and read.thumbnail:
        contents += [(_PICTURE, _with_header(read.picture)), (_THUMBNAIL, _with_header(read.thumbnail))]
    else:
        contents.append((_TEXT, json.dumps([asdict(page) for page in read.pages], ensure_ascii=False).encode()))
    return contents


def _with_header(picture: Picture) -> bytes:
    """Return a picture after a line of JSON with its type and size."""
    header: dict[str, Any] = {"media_type": picture.media_type, "width": picture.width, "height": picture.height}
    return json.dumps(header).encode() + b"\n" + picture.content


def _cleaned(name: str, media_type: str) -> str:
    """Return a file's name in one line, valid on every system; its end, with the type, is kept if it is too long."""
    path = PurePath(one_line(name.replace("\\", "/").rpartition("/")[2], 1000))
    suffix = path.suffix[:20]
    cleaned = sanitize_filename(path.stem[: _MAX_NAME - len(suffix)] + suffix, replacement_text="_")
    return cleaned or media_type.replace("/", ".")
