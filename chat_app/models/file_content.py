"""The content of a file, as it is read for a model and for the page."""

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
