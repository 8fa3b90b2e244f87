"""The content of a file, as it is read for a model and for the page."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Page:
    """The text of a page, a sheet or a whole text file.

    Attributes:
        number: From 1 on.
        title: The name of a sheet; empty for other pages.
    """

    number: int
    text: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture without metadata, upright.

    Attributes:
        media_type: ``image/jpeg`` or ``image/png``.
    """

    content: bytes = field(repr=False)
    media_type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class FileContent:
    """What has been read from a file: pages of text, or a picture.

    Attributes:
        media_type: The file's own type, recognised by its content.
        pages: Empty for pictures. A page may have no text, such as one that was scanned.
        picture: The picture, scaled down for a model.
        thumbnail: The picture in a small size, for the page.
    """

    media_type: str
    pages: tuple[Page, ...] = ()
    picture: Picture | None = None
    thumbnail: Picture | None = None

    @property
    def is_scanned(self) -> bool:
        """True if no page has text: models have to look at pictures of the pages."""
        return bool(self.pages) and not any(page.text.strip() for page in self.pages)


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file of a message in a prompt, which is read on demand.

    Attributes:
        file_id: Its id in storage.
        media_type: As in ``Content-Type``.
        size: Bytes.
        load: Reads the file itself.
        load_content: Reads its text or its picture.
        load_pictures: Renders the first pages of a PDF.
    """

    file_id: str
    name: str
    media_type: str
    size: int
    load: Callable[[], Awaitable[bytes]] = field(repr=False)
    load_content: Callable[[], Awaitable[FileContent]] = field(repr=False)
    load_pictures: Callable[[], Awaitable[list[Picture]]] = field(repr=False)

    async def read(self) -> bytes:
        """Return the file itself.

        Raises:
            NotFound: It has been deleted.
            StorageUnavailable: It can't be read.
        """
        return await self.load()

    async def text(self) -> str:
        """Return the text of all pages; empty for a picture.

        Raises:
            NotFound, StorageUnavailable: As ``read``.
        """
        return "\n\n".join(page.text for page in (await self.content()).pages)

    async def content(self) -> FileContent:
        """Return the text by pages, or the picture.

        Raises:
            NotFound, StorageUnavailable: As ``read``.
        """
        return await self.load_content()

    async def pictures(self) -> list[Picture]:
        """Return the picture, or the pages of a scanned PDF, for a model that sees; empty for text.

        Raises:
            NotFound, StorageUnavailable: As ``read``.
        """
        content = await self.content()
        if content.picture:
            return [content.picture]
        return await self.load_pictures() if content.is_scanned else []
