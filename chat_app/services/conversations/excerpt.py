"""Search words, and excerpts with highlighted matches.

Every step takes linear time: texts may be long, and a search reads many.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

CHARS_BEFORE, CHARS_AFTER = 20, 100  # the first match fits on a phone's screen
MAX_DISTANCE = 80  # in characters, of words shown together
MAX_OCCURRENCES = 50  # of the rarest word, bounding the time

_JOINER = "\u200d"  # zero width joiner: makes one emoji of two


@dataclass(frozen=True, slots=True)
class Fragment:
    """A fragment of a line, all of it a match or none of it."""

    text: str
    is_match: bool


@dataclass(frozen=True, slots=True)
class _Group:
    """A span with one or more of the words of a search.

    Attributes:
        words: The number of words.
    """

    words: int
    start: int
    end: int

    @property
    def span(self) -> tuple[int, int]:
        return self.start, self.end


def words_in(query: str) -> list[str]:
    """Return the words of a search, the longest first, without those contained in another one."""
    words: list[str] = []
    for word in sorted(unicodedata.normalize("NFC", query).split(), key=len, reverse=True):
        if not any(_folded(word) in _folded(longer) for longer in words):
            words.append(word)
    return words


def excerpt(text: str, query: str) -> list[Fragment]:
    """Return one line of ``text`` around the best match, highlighted; an ellipsis marks a cut.

    The best match is the whole query, or else the group of most of its words close together. Without a match it is the
    text's beginning.
    """
    line = _in_one_line(text)
    start, end = _best_span(_folded(line), query)
    return highlighted(_end_of(line[:start]) + line[start:end] + _beginning_of(line[end:]), query)


def highlighted(text: str, query: str) -> list[Fragment]:
    """Return ``text`` in one line, with the words of ``query`` highlighted."""
    line, fragments, end = _in_one_line(text), [], 0
    for match_start, match_end in _matches(line, words_in(query)):
        fragments += [Fragment(line[end:match_start], False), Fragment(line[match_start:match_end], True)]
        end = match_end
    return [fragment for fragment in (*fragments, Fragment(line[end:], False)) if fragment.text]


def shortened(line: str, length: int) -> str:
    """Truncate ``line`` to ``length`` characters and an ellipsis, after a word or else between graphemes."""
    line = line[:length]
    words = line.rpartition(" ")[0]
    return f"{words or line[: max(_cuts(line), default=0)]}…"


def _in_one_line(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _folded(text: str) -> str:
    """Fold the case of ``text`` character by character, so that offsets stay valid."""
    return text.replace("İ", "i").lower().replace("ς", "σ")


def _best_span(text: str, query: str) -> tuple[int, int]:
    """Return the span of the best match in a folded line; ``(0, 0)`` without a match."""
    phrase = _folded(_in_one_line(query))
    start = text.find(phrase)
    if phrase and start >= 0:
        return start, start + len(phrase)
    counts = {word: text.count(word) for word in map(_folded, words_in(query))}
    words = sorted((word for word, count in counts.items() if count), key=counts.__getitem__)
    if not words:
        return 0, 0
    rarest, *others = words
    groups = [_group(text, at, at + len(rarest), others) for at in islice(_occurrences(text, rarest), MAX_OCCURRENCES)]
    return max(groups, key=lambda group: (group.words, group.start - group.end)).span


def _group(text: str, start: int, end: int, others: Sequence[str]) -> _Group:
    """Group the word at ``start`` to ``end`` with the nearest occurrences of the others within ``MAX_DISTANCE``."""
    group = _Group(1, start, end)
    for word in others:
        after = text.find(word, start, end + MAX_DISTANCE)
        before = text.rfind(word, max(0, start - MAX_DISTANCE), end)
        spans = [(at, at + len(word)) for at in (before, after) if at >= 0]
        if spans:
            nearest_start, nearest_end = min(spans, key=lambda span: max(start - span[0], span[1] - end))
            group = _Group(group.words + 1, min(group.start, nearest_start), max(group.end, nearest_end))
    return group


def _occurrences(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + len(word))


def _matches(line: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Return the spans of the words in order; overlapping spans and neighbours with only a space between are merged."""
    text, merged = _folded(line), list[tuple[int, int]]()
    spans = sorted((at, at + len(word)) for word in map(_folded, words) for at in _occurrences(text, word))
    for start, end in spans:
        if merged and not line[merged[-1][1] : start].strip():
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _end_of(line: str) -> str:
    if len(line) <= CHARS_BEFORE:
        return line
    line = line[-CHARS_BEFORE:]
    words = line.partition(" ")[2]
    return f"…{words or line[next(_cuts(line), len(line)) :]}"


def _beginning_of(line: str) -> str:
    return line if len(line) <= CHARS_AFTER else shortened(line, CHARS_AFTER)


def _cuts(line: str) -> Iterator[int]:
    """Yield the offsets where a line without spaces can be cut without splitting a grapheme.

    An emoji, a flag, or a letter with its accents may consist of several characters.
    """
    return (index for index, char in enumerate(line) if _stands_alone(char, line[:index][-1:]))


def _stands_alone(char: str, before: str) -> bool:
    """Return True if ``char`` starts a grapheme: a letter, digit, punctuation mark or symbol."""
    category = unicodedata.category(char)
    if category == "So":
        return before not in ("", _JOINER) and not "\U0001f1e6" <= char <= "\U0001f1ff"  # halves of flags
    return category[0] in "LNP" and not "\u1160" <= char <= "\u11ff"  # later parts of decomposed Korean syllables
