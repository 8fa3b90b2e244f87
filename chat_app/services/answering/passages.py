"""The passages of long documents that fit a question, for a model whose context doesn't hold the whole.

Ranked by BM25 over parts of words: the beginnings of words, and in Korean, Chinese and Japanese each two characters, so
that 매출 is found in 매출은 and 매출이. The pages are in memory anyway, and counting takes a tenth of a second for a
million characters: no index has to be stored, in each kind of database another one, whose trigrams would find no
word of two syllables.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import log
from typing import TypeVar
from unicodedata import normalize

from chat_app.models.file_content import Page

PASSAGE_CHARS = 1_200
_MARK = "\n[…]\n"
_WORD = re.compile(r"\w+")
_WIDE = re.compile("[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_STEM = 6  # characters: longer words are found by their beginnings, whatever their endings
_MAX_TERMS = 60  # of a question
_SATURATION, _LENGTH_SHARE = 1.2, 0.75  # the usual parameters of BM25

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class _Passage:
    """A part of a page.

    Attributes:
        document, page: Their positions.
        start, end: Its characters in the page.
        words: Its words, each after a space, in a form to compare.
    """

    document: int
    page: int
    start: int
    end: int
    words: str


def find_passages(question: str, documents: Mapping[Key, Sequence[Page]], max_chars: int) -> dict[Key, list[Page]]:
    """Choose the passages that fit the question best; among equals, the first ones.

    Returns:
        For each document the pages with chosen passages, in order, and of each page those passages, with a mark for
        what is left out between them. At most ``max_chars`` in all.
    """
    passages = [
        passage
        for number, pages in enumerate(documents.values())
        for position, page in enumerate(pages)
        for passage in _split(page.text, number, position)
    ]
    chosen: list[_Passage] = []
    for passage in _ranked(passages, _terms(question)):
        max_chars -= passage.end - passage.start + len(_MARK)
        if max_chars < 0:
            break
        chosen.append(passage)
    found: dict[Key, list[Page]] = {}
    for number, (key, pages) in enumerate(documents.items()):
        found[key] = list(_excerpts(pages, [passage for passage in chosen if passage.document == number]))
    return found


def _split(text: str, document: int, page: int) -> Iterator[_Passage]:
    """Split a page into passages, at the end of a line or between words where there is one."""
    start = 0
    while start < len(text):
        end = min(start + PASSAGE_CHARS, len(text))
        if end < len(text):
            earliest = start + PASSAGE_CHARS // 2
            end = max(text.rfind("\n", earliest, end), 0) or max(text.rfind(" ", earliest, end), 0) or end
        yield _Passage(document, page, start, end, "".join(f" {word}" for word in _words(text[start:end])))
        start = end


def _excerpts(pages: Sequence[Page], chosen: Sequence[_Passage]) -> Iterator[Page]:
    by_page: dict[int, list[_Passage]] = {}
    for passage in sorted(chosen, key=lambda each: (each.page, each.start)):
        by_page.setdefault(passage.page, []).append(passage)
    for position, passages in by_page.items():
        page = pages[position]
        pieces = [page.text[passages[0].start : passages[0].end]]
        for before, passage in pairwise(passages):
            pieces += ["" if before.end == passage.start else _MARK, page.text[passage.start : passage.end]]
        yield replace(page, text="".join(pieces))


def _ranked(passages: Sequence[_Passage], terms: Sequence[str]) -> list[_Passage]:
    """Sort passages by BM25, the best first."""
    if not passages:
        return []
    mean = sum(len(passage.words) for passage in passages) / len(passages) or 1
    scores = [0.0] * len(passages)
    for term in terms:
        counts = [passage.words.count(term) for passage in passages]
        containing = sum(1 for count in counts if count)
        rarity = log(1 + (len(passages) - containing + 0.5) / (containing + 0.5))
        for position, count in enumerate(counts):
            if count:
                length = 1 - _LENGTH_SHARE + _LENGTH_SHARE * len(passages[position].words) / mean
                scores[position] += rarity * count * (_SATURATION + 1) / (count + _SATURATION * length)
    order = sorted(range(len(passages)), key=lambda position: (-scores[position], position))
    return [passages[position] for position in order]


def _terms(question: str) -> list[str]:
    """Return what to count: beginnings of words, after a space, and pairs of wide characters."""
    terms: dict[str, None] = {}
    for word in _words(question):
        for wide in _WIDE.findall(word):
            terms |= dict.fromkeys(map("".join, pairwise(wide)) if len(wide) > 1 else [wide])
        if not _WIDE.match(word):
            terms[f" {_WIDE.split(word)[0][:_STEM]}"] = None
    return list(terms)[:_MAX_TERMS]


def _words(text: str) -> list[str]:
    return _WORD.findall(normalize("NFKC", text).casefold())
