"""Text of Word files, by pages where Word has noted them."""

from collections.abc import Iterator
from io import BytesIO

from docx import Document
from docx.oxml.ns import qn
from lxml.etree import _Element as Element

from chat_app.infrastructure.files.plain_text import clean
from chat_app.models.file_content import Page

_TEXT, _TAB, _BREAK, _PARAGRAPH = qn("w:t"), qn("w:tab"), qn("w:br"), qn("w:p")
_CELL, _ROW, _TYPE = qn("w:tc"), qn("w:tr"), qn("w:type")
_PAGE_ENDED = qn("w:lastRenderedPageBreak")
# Older programs get text boxes a second time.
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
# Properties of a paragraph have tabs of their own.
_SKIPPED = {_FALLBACK, qn("w:pPr")}
_NEW_PAGE = "\f"


def pages(content: bytes) -> Iterator[Page]:
    """Read the text of each page.

    Word notes where its pages ended when it stored the file. In files of other programs, pages end at breaks that a
    person has put there.
    """
    body = Document(BytesIO(content)).element.body
    has_noted = next(body.iter(_PAGE_ENDED), None) is not None
    texts = clean("".join(_text(body, has_noted=has_noted))).split(_NEW_PAGE)
    for number, text in enumerate(texts, 1):
        yield Page(number, text.strip("\n"))


def _text(element: Element, *, has_noted: bool) -> Iterator[str]:
    """Yield the text in pieces, with tabs between cells and line feeds after rows and paragraphs."""
    if element.tag in _SKIPPED:
        return
    if element.tag == _TEXT:
        yield (element.text or "").replace(_NEW_PAGE, " ")
    elif element.tag == _TAB:
        yield "\t"
    elif element.tag == _BREAK:
        is_page = element.get(_TYPE) == "page"
        yield ("" if has_noted else _NEW_PAGE) if is_page else "\n"
    elif element.tag == _PAGE_ENDED:
        yield _NEW_PAGE
    elif element.tag == _CELL:
        yield "".join(piece for child in element for piece in _text(child, has_noted=has_noted)).strip("\n")
        yield "\t"
    else:
        for child in element:
            yield from _text(child, has_noted=has_noted)
        if element.tag in (_PARAGRAPH, _ROW):
            yield "\n"
