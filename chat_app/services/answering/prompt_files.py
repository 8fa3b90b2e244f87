"""Files in a prompt: the texts of documents, or the passages of long ones that fit the question, and pictures."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

from chat_app.models.errors import FileRefused, NotFound
from chat_app.models.file_content import AttachedFile, Page, Picture
from chat_app.models.message import Role, Turn
from chat_app.services.answering.passages import find_passages
from chat_app.services.answering.quotes import INSTRUCTIONS, QuotedFile

MAX_PICTURES = 20  # of a prompt

_WHOLE_SHARE = 0.5  # of the room, for documents that are sent whole although others don't fit
_QUESTIONS = 2  # a question may continue the one before
_NO_TEXT = "(This file has no text that can be read.)"
_Key = tuple[int, int]  # the positions of a turn and of its file


@dataclass(frozen=True, slots=True)
class Prompt:
    """Turns with the texts and pictures of their files.

    Attributes:
        files: The whole documents, whose words an answer may quote.
    """

    turns: tuple[Turn, ...]
    files: tuple[QuotedFile, ...] = ()


@dataclass(frozen=True, slots=True)
class _ReadFile:
    """A file of a turn as it has been read.

    Attributes:
        pages: The text of a document, ``None`` without text.
        notice: What the model is told in place of a text.
    """

    file: AttachedFile
    pages: Sequence[Page] | None = None
    pictures: Sequence[Picture] = ()
    notice: str = ""


async def with_files_read(turns: Sequence[Turn], max_chars: int, *, sees: bool | None) -> Prompt:
    """Read the files of the turns: documents, if they fit, and pictures, the newest first within a limit.

    Of documents that don't fit, the passages that suit the last questions are chosen, and the prompt says so.

    Args:
        max_chars: Characters of all documents together.
        sees: Whether the model takes pictures; ``None`` if unknown.
    """
    pictures = 0 if sees is False else MAX_PICTURES
    read: dict[_Key, _ReadFile] = {}
    for at in reversed(range(len(turns))):
        for number, file in enumerate(turns[at].files):
            read[at, number] = await _read(file, pictures)
            pictures -= len(read[at, number].pictures)
    documents = {key: each.pages for key, each in read.items() if each.pages is not None}
    asked = [turn.text for turn in turns if turn.role is Role.USER][-_QUESTIONS:]
    shown = await asyncio.to_thread(_fitting, "\n".join(asked), documents, max_chars)
    quoted = tuple(QuotedFile(read[key].file.file_id, read[key].file.name, pages) for key, pages in documents.items())
    return Prompt(_with_documents(turns, read, shown), quoted)


async def _read(file: AttachedFile, max_pictures: int) -> _ReadFile:
    try:
        content = await file.content()
        pictures = (await file.pictures())[:max_pictures] if max_pictures else []
    except NotFound:
        return _ReadFile(file, notice="(This file has been deleted.)")
    except FileRefused:  # a scanned page that can't be drawn
        return _ReadFile(file, notice=_NO_TEXT)
    if content.picture:
        return _ReadFile(file, None, pictures, "(A picture.)" if pictures else "(A picture, which is left out.)")
    if content.is_scanned:
        notice = f"(Scanned pages; the first {len(pictures)} are pictures here.)" if pictures else _NO_TEXT
        return _ReadFile(file, None, pictures, notice)
    return _ReadFile(file, content.pages)


def _fitting(question: str, documents: Mapping[_Key, Sequence[Page]], max_chars: int) -> dict[_Key, Sequence[Page]]:
    """Return the pages to send of each document: all of them if they fit, otherwise of short documents only."""
    sizes = {key: _chars(pages) for key, pages in documents.items()}
    if sum(sizes.values()) <= max_chars:
        return dict(documents)
    whole: dict[_Key, Sequence[Page]] = {}
    room_for_whole = int(max_chars * _WHOLE_SHARE)
    for key in sorted(documents, key=sizes.__getitem__):
        room_for_whole -= sizes[key]
        if room_for_whole < 0:
            break
        whole[key] = documents[key]
    left = max_chars - sum(sizes[key] for key in whole)
    rest = {key: pages for key, pages in documents.items() if key not in whole}
    return {**whole, **find_passages(question, rest, left)}


def _with_documents(
    turns: Sequence[Turn], read: Mapping[_Key, _ReadFile], shown: Mapping[_Key, Sequence[Page]]
) -> tuple[Turn, ...]:
    """Return the turns with their documents and pictures; after the last document the model is told how to quote."""
    result = list(turns)
    last = max((at for at, _ in shown), default=-1)
    for at, turn in enumerate(turns):
        files = [read[at, number] for number in range(len(turn.files))]
        texts = [_document(each, shown.get((at, number), ())) for number, each in enumerate(files)]
        told = [INSTRUCTIONS] if at == last else []
        pictures = tuple(picture for each in files for picture in each.pictures)
        result[at] = replace(turn, documents=(*texts, *told), pictures=pictures)
    return tuple(result)


def _document(read: _ReadFile, shown: Sequence[Page]) -> str:
    text = read.notice if read.pages is None else _text(shown, read.pages)
    return f'<file name="{escape(read.file.name)}">\n{text}\n</file>'


def _text(shown: Sequence[Page], pages: Sequence[Page]) -> str:
    """Return the text to send, with the numbers of the pages if there is more than one."""
    texts = [f"{_heading(page)}{page.text}" if len(pages) > 1 else page.text for page in shown]
    if not shown:
        texts.append(f"(This file is left out; it has {_chars(pages)} characters.)")
    elif shown != pages:
        texts.append(f"(Passages of this file that suit the question; it has {_chars(pages)} characters in all.)")
    return "\n\n".join(texts)


def _heading(page: Page) -> str:
    title = f' title="{escape(page.title)}"' if page.title else ""
    return f'<page number="{page.number}"{title}/>\n'


def _chars(pages: Sequence[Page]) -> int:
    return sum(len(page.text) for page in pages)
