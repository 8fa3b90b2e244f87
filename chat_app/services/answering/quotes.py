"""Quotes of files in an answer, checked against the files: a model may invent the words or the page."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from unicodedata import normalize

from chat_app.models.file_content import Page
from chat_app.models.parts import Source

INSTRUCTIONS = (
    "Quote the words of the files that your answer relies on: exactly, in double quotation marks, with the file's name "
    'and the page after them in parentheses, as in "It rained." (report.pdf, p. 3), or "It rained." (notes.txt) for '
    "a file without pages."
)
"""What a model is told, so that its quotes can be found."""

_MAX_QUOTE = 1_000  # characters
_MAX_SOURCES = 50
_SHORTEST = 4  # letters and digits of words to look for: fewer are on most pages
_OPENING, _CLOSING = '"“„«「『', '"”“»」』'
_ELISION = re.compile(r"\[?(?:…|\.\.\.)\]?")
_QUOTES = str.maketrans("", "", "\"'“”„‟«»‘’‚‛「」『』`*_\\\u00ad")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))
# At the end of a line, it may be the word's own or not.
_HYPHEN = re.compile(r"(?<=[^\W\d_])-\s?(?=[^\W\d_])")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class QuotedFile:
    """A file that an answer may quote."""

    file_id: str
    name: str
    pages: Sequence[Page]


def quoted_sources(answer: str, files: Sequence[QuotedFile]) -> list[Source]:
    """Find the quotes of files in an answer, each once, and check whether their words are on the page.

    A quote without a page, of a file with several, gets the page that has its words.
    """
    # macOS decomposes letters in names, models compose them. Of files with the same name the first one counts.
    named = {normalize("NFC", file.name).casefold(): _ComparableFile(file) for file in reversed(files)}
    sources: dict[Source, None] = {}
    for quote, name, page in _quotes(normalize("NFC", answer), list(named)):
        sources[named[name].check(quote, page)] = None
        if len(sources) == _MAX_SOURCES:
            break
    return list(sources)


def _quotes(answer: str, names: Sequence[str]) -> Iterator[tuple[str, str, int | None]]:
    """Yield the quotes, with the folded name of the file and the page, if any."""
    if not names:
        return
    # The longest first: one name may begin like another.
    any_name = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    page = r"(?:,[ \t]*(?:p\.?|pp\.?|pages?|s\.|seite)?[ \t]*([0-9]{1,6})(?:[-–][0-9]{1,6})?[ \t]*(?:쪽|페이지)?)?"
    reference = re.compile(
        rf"[{_CLOSING}][.,]?[ \t]?[(（\[][`*_]{{0,3}}({any_name})[`*_]{{0,3}}{page}[)）\]]", re.IGNORECASE
    )
    for found in reference.finditer(answer):
        quote, name = _quote_before(answer, found.start()), found[1].casefold()
        if quote and name in names:
            yield quote, name, int(found[2]) if found[2] else None


def _quote_before(answer: str, end: int) -> str:
    """Return the words in quotation marks that end here; empty without an opening mark in the same paragraph."""
    inside = answer[max(0, end - _MAX_QUOTE) : end].rpartition("\n\n")[2]
    opening = max(inside.rfind(mark) for mark in _OPENING)
    return inside[opening + 1 :].strip() if opening >= 0 else ""


class _ComparableFile:
    """A file with the text of its pages in a form to compare, once it is needed."""

    def __init__(self, file: QuotedFile) -> None:
        self._file = file
        self._pages = file.pages
        self._texts: dict[int, str] = {}

    def check(self, quote: str, number: int | None) -> Source:
        """Return the quote as a source with its page, and whether its words are there."""
        pieces = [piece for each in _ELISION.split(quote) if (piece := _comparable(each).strip(".,;:-"))]
        positions = [at for at, page in enumerate(self._pages) if number in (None, page.number)]
        found = next((at for at in positions if self._has(at, pieces)), None)
        is_verified = found is not None and sum(map(len, pieces)) >= _SHORTEST
        if number is None and is_verified and found is not None and len(self._pages) > 1:
            number = self._pages[found].number
        return Source(self._file.name, file_id=self._file.file_id, page=number, quote=quote, is_verified=is_verified)

    def _has(self, position: int, pieces: Sequence[str]) -> bool:
        """Return True if the pieces are there in order; they may go on over the end of the page."""
        text = self._text(position)
        with_next = text + self._text(position + 1)[:_MAX_QUOTE]
        at = 0
        for piece in pieces:
            at = with_next.find(piece, at)
            if not 0 <= at < len(text):
                return False
            at += len(piece)
        return bool(pieces)

    def _text(self, position: int) -> str:
        if position == len(self._pages):
            return ""
        if position not in self._texts:
            self._texts[position] = _comparable(self._pages[position].text)
        return self._texts[position]


def _comparable(text: str) -> str:
    """Return text without white space, case, quotation marks, emphasis and the hyphens of words."""
    plain = normalize("NFKC", text).translate(_DASHES).translate(_QUOTES)
    return _SPACE.sub("", _HYPHEN.sub("", plain)).casefold()
