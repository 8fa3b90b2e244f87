"""The place in a text where something was found, with a little of what surrounds it."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

CHARS_BEFORE, CHARS_AFTER = 20, 100  # so that a phone shows the match

_JOINER = "\u200d"  # makes one emoji of two


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
    return shortened(line, CHARS_AFTER)


def shortened(line: str, length: int) -> str:
    """The beginning of a longer ``line``, with an ellipsis; cut at a word's end, or else between two characters."""
    line = line[:length]
    words = line.rpartition(" ")[0]
    return f"{words or line[: max(_cuts(line), default=0)]}…"


def _in_one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _cuts(line: str) -> Iterator[int]:
    """Where a line without spaces can be cut: before what is never a part of what precedes it.

    An emoji, a flag, or a letter with its accents may consist of several characters.
    """
    return (index for index, char in enumerate(line) if _stands_alone(char, line[:index][-1:]))


def _stands_alone(char: str, before: str) -> bool:
    """Whether it is a letter, a digit or a punctuation mark, or a symbol of its own."""
    category = unicodedata.category(char)
    if category == "So":
        return before not in ("", _JOINER) and not "\U0001f1e6" <= char <= "\U0001f1ff"  # halves of flags
    return category[0] in "LNP" and not "\u1160" <= char <= "\u11ff"  # later parts of decomposed Korean syllables
