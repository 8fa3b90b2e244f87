"""Text and pictures of PDF pages."""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pypdfium2
from pypdfium2 import PdfDocument, PdfiumError
from pypdfium2.raw import FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY

from chat_app.infrastructure.files.bounds import Bounds
from chat_app.infrastructure.files.pictures import encode
from chat_app.infrastructure.files.plain_text import clean
from chat_app.models.errors import FileRefused
from chat_app.models.file_content import Page, Picture

# PDFium's characters for a hyphen at the end of a line.
_HYPHENATION = re.compile("[\ufffe\x02]\r?\n?")


def pages(content: bytes, bounds: Bounds) -> Iterator[Page]:
    """Read the text of each page, empty for pages that were scanned."""
    with _opened(content) as document:
        if len(document) > bounds.pages:
            raise FileRefused("too_many_pages", max=bounds.pages)
        for index in range(len(document)):
            with closing(document[index]) as page, closing(page.get_textpage()) as text:
                found = _HYPHENATION.sub("", text.get_text_bounded())
            yield Page(index + 1, clean(found))


def page_pictures(content: bytes, limit: int, bounds: Bounds) -> Iterator[Picture]:
    """Render the first pages; a page of any size becomes a picture of the same size."""
    with _opened(content) as document:
        for index in range(min(limit, len(document))):
            with closing(document[index]) as page:
                scale = bounds.page_side / max(1, *page.get_size())
                with closing(page.render(scale=scale)) as bitmap:  # pyright: ignore[reportArgumentType] - its default is an int
                    yield encode(bitmap.to_pil().convert("RGB"))


@contextmanager
def _opened(content: bytes) -> Iterator[PdfDocument]:
    try:
        document = pypdfium2.PdfDocument(content)
    except PdfiumError as error:
        is_locked = error.err_code in (FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY)
        raise FileRefused("encrypted" if is_locked else "damaged") from error
    with closing(document):
        yield document
