"""Files as the page shows them."""

from dataclasses import dataclass

from chat_app.models.parts import File

_STEP = 1000
_UNITS = ("B", "kB", "MB", "GB")


@dataclass(frozen=True, kw_only=True)
class FileView:
    """A file of a message, or of the message box.

    Attributes:
        size: With a unit, such as "1.2 MB".
        is_picture: Whether it has a thumbnail.
    """

    id: str
    name: str
    size: str
    is_picture: bool


def file_view(file: File) -> FileView:
    """The view of a file."""
    is_picture = file.media_type.startswith("image/")
    return FileView(id=file.file_id, name=file.name, size=_with_unit(file.size), is_picture=is_picture)


def _with_unit(size: float) -> str:
    for unit in _UNITS[:-1]:
        if size < _STEP:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= _STEP
    return f"{size:.1f} {_UNITS[-1]}"
