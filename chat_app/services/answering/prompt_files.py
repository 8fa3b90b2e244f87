"""Files in a prompt: the texts of documents, and pictures."""

from collections.abc import Sequence
from dataclasses import replace
from html import escape

from chat_app.models.errors import FileRefused, NotFound
from chat_app.models.file_content import AttachedFile, Page, Picture
from chat_app.models.message import Turn

MAX_PICTURES = 20  # of a prompt


async def with_files_read(turns: Sequence[Turn], max_chars: int, *, sees: bool | None) -> list[Turn]:
    """Return the turns with the texts and pictures of their files, the newest files first within the limits.

    Args:
        max_chars: Characters of all documents together. Pages beyond it are left out, and the prompt says so.
        sees: Whether the model takes pictures; ``None`` if unknown.
    """
    room = _Room(max_chars, 0 if sees is False else MAX_PICTURES)
    read = [await _with_files_read(turn, room) if turn.files else turn for turn in reversed(turns)]
    return read[::-1]


class _Room:
    """The space that is left in a prompt."""

    def __init__(self, chars: int, pictures: int) -> None:
        self.chars = chars
        self.pictures = pictures

    def take_pages(self, pages: Sequence[Page]) -> list[Page]:
        """Return the first pages that fit, the last of them cut if it has to be."""
        taken: list[Page] = []
        for page in pages:
            if self.chars <= 0:
                break
            taken.append(replace(page, text=page.text[: self.chars]))
            self.chars -= len(page.text)
        return taken

    def take_pictures(self, pictures: Sequence[Picture]) -> list[Picture]:
        taken = [*pictures[: self.pictures]]
        self.pictures -= len(taken)
        return taken


async def _with_files_read(turn: Turn, room: _Room) -> Turn:
    documents: list[str] = []
    pictures: list[Picture] = []
    for file in turn.files:
        try:
            content = await file.content()
            of_file = room.take_pictures(await file.pictures()) if room.pictures else []
        except NotFound:
            documents.append(_document(file, "This file has been deleted."))
            continue
        except FileRefused:  # a scanned page that can't be drawn
            documents.append(_document(file, "This file has no text that can be read."))
            continue
        pictures += of_file
        if content.picture:
            documents.append(_document(file, "A picture." if of_file else "A picture, which is left out."))
        elif content.is_scanned:
            documents.append(_document(file, f"Scanned pages; the first {len(of_file)} are pictures here."))
        else:
            taken = room.take_pages(content.pages)
            documents.append(_document(file, _pages(taken, content.pages)))
    return replace(turn, documents=tuple(documents), pictures=tuple(pictures))


def _document(file: AttachedFile, text: str) -> str:
    return f'<file name="{escape(file.name)}">\n{text}\n</file>'


def _pages(taken: Sequence[Page], pages: Sequence[Page]) -> str:
    """Return the text of the pages, with their numbers if there is more than one."""
    texts = [f"{_heading(page)}{page.text}" if len(pages) > 1 else page.text for page in taken]
    chars = sum(len(page.text) for page in pages)
    if (shown := sum(len(page.text) for page in taken)) < chars:
        texts.append(f"(The rest is left out: {chars - shown} of {chars} characters.)")
    return "\n\n".join(texts)


def _heading(page: Page) -> str:
    title = f' title="{escape(page.title)}"' if page.title else ""
    return f'<page number="{page.number}"{title}/>\n'
