"""The place in a text where something was found, with a little of what surrounds it."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

CHARS_BEFORE, CHARS_AFTER = 40, 100


@dataclass(frozen=True, slots=True)
class Excerpt:
    """One line: ``before + match + after``, with an ellipsis where the text goes on."""

    before: str
    match: str
    after: str


def excerpt(text: str, wanted: str) -> Excerpt:
    """The first place in ``text`` that has ``wanted``, in whatever case; the beginning where none has.

    Args:
        wanted: In Unicode's normal form C, which the excerpt is in too.
    """
    text = unicodedata.normalize("NFC", text)
    found = re.search(re.escape(wanted), text, re.IGNORECASE)
    start, end = found.span() if found else (0, 0)
    return Excerpt(_end_of(text[:start]), text[start:end], _beginning_of(text[end:]))


def _end_of(text: str) -> str:
    line = _in_one_line(text[-2 * CHARS_BEFORE :])
    if len(line) <= CHARS_BEFORE and len(text) <= 2 * CHARS_BEFORE:
        return line.lstrip()
    line = line[-CHARS_BEFORE:]
    words = line.partition(" ")[2]
    return f"…{words or line[next(_cuts(line), len(line)) :]}"


def _beginning_of(text: str) -> str:
    line = _in_one_line(text[: 2 * CHARS_AFTER])
    if len(line) <= CHARS_AFTER and len(text) <= 2 * CHARS_AFTER:
        return line.rstrip()
    line = line[:CHARS_AFTER]
    words = line.rpartition(" ")[0]
    return f"{words or line[: max(_cuts(line), default=0)]}…"


def _in_one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _cuts(line: str) -> Iterator[int]:
    """Where a line without spaces can be cut: before letters and the like, never a part of what precedes them.

    An emoji, a flag, or a letter with its accents may consist of several characters.
    """
    return (index for index, char in enumerate(line) if unicodedata.category(char)[0] in "LNP" and not _is_jamo(char))


def _is_jamo(char: str) -> bool:
    """Whether it is a later part of a decomposed Korean syllable."""
    return "\u1160" <= char <= "\u11ff"
