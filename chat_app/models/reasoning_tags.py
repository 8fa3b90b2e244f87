"""Reasoning that a model writes into its text between tags, as ``<think>…</think>``, separated from its answer.

Tags count at the beginning of an answer, and after reasoning; anywhere else they are text.

The chat templates of some models (DeepSeek-R1, QwQ) put the opening tag into the prompt, so that the answer has the
closing tag alone. Until then its reasoning looks like the answer, and sent text can't be taken back, since cursors are
made of lengths. Such an answer is stored as it was sent; ``separate_reasoning`` is applied wherever it is shown,
titled, exported or sent to a model.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from chat_app.models.message import Message, Role
from chat_app.models.parts import Part, Reasoning, Text

_PLAIN = ("</think>", "</thinking>", "</thought>")  # some models close with another word than they open with
_TAGS = {
    "<think>": _PLAIN,
    "<thinking>": _PLAIN,
    "<thought>": _PLAIN,
    "<seed:think>": ("</seed:think>",),  # Seed-OSS
    "[THINK]": ("[/THINK]",),  # Magistral
    "◁think▷": ("◁/think▷",),  # Kimi-VL
}
_CLOSING = (*_PLAIN, "</seed:think>", "[/THINK]", "◁/think▷")
LONGEST_TAG = max(map(len, _CLOSING))
_MAX_SPACE = 1000  # characters of white space that are held back at most, as a tag may follow


class ReasoningSplitter:
    """Separates the thoughts in an answer's text from the answer, piece by piece.

    Args:
        inside: Whether the answer is expected to begin within thoughts.
    """

    def __init__(self, *, inside: bool = False) -> None:
        self._expects_thoughts = inside
        self._is_guess = False  # within thoughts that are only expected
        self._closing: tuple[str, ...] = ()  # tags that end the present thoughts; none outside of thoughts
        self._has_thoughts = False  # that have ended
        self._is_fresh = True  # nothing of the present thoughts has been yielded
        self._is_answering = False  # from here on everything is text
        self._held = ""  # text that may turn out to be a tag, or space before one
        self._all: list[str] = []  # until thoughts have ended, for an answer that has none after all

    def feed(self, text: str) -> list[Text | Reasoning]:
        """The pieces that are certain now; the rest of ``text`` is held back."""
        if not self._has_thoughts:
            self._all.append(text)
        if self._is_answering:
            return [Text(text)]
        self._held += text
        return list(self._read())

    def end(self, *, is_whole: bool) -> list[Text | Reasoning]:
        """The pieces that were held back.

        Args:
            is_whole: Whether the answer has ended by itself. If thoughts were expected at its beginning, and no tag has
                closed them, there were none, and all of the text is the answer.
        """
        rest, self._held = self._held, ""
        if not self._closing:
            return [Text(rest)] if rest and not (self._has_thoughts and rest.isspace()) else []
        pieces: list[Text | Reasoning] = list(self._thought(rest.rstrip()))
        everything = "".join(self._all).strip()
        return [*pieces, Text(everything)] if self._is_guess and is_whole and everything else pieces

    def expect_none(self) -> None:
        """Expect no thoughts at the beginning after all."""
        self._expects_thoughts = False

    @property
    def begins_inside(self) -> bool:
        """Whether the answer began within thoughts; known once it has ended by itself."""
        if self._is_guess or self._has_thoughts:
            return self._is_guess and self._has_thoughts
        return _closing_alone("".join(self._all)) is not None

    def _read(self) -> Iterator[Text | Reasoning]:
        while self._held:
            if self._closing:
                yield from self._read_thoughts()
                if self._closing:
                    return
            elif not (yield from self._read_beginning()):
                return

    def _read_beginning(self) -> Generator[Text, None, bool]:
        """Read what is held outside of thoughts: yields it if it is the answer.

        Returns:
            Whether thoughts begin.
        """
        begun = self._held.lstrip()
        if tag := next((tag for tag in _TAGS if begun.startswith(tag)), None):
            self._held = begun.removeprefix(tag)
            self._closing, self._is_fresh = _TAGS[tag], True
            return True
        if len(self._held) <= _MAX_SPACE and any(tag.startswith(begun) for tag in _TAGS):
            return False
        if self._expects_thoughts and not self._has_thoughts:
            self._closing, self._is_guess = _CLOSING, True
            return True
        yield Text(begun if self._has_thoughts else self._held)
        self._is_answering, self._held = True, ""
        return False

    def _read_thoughts(self) -> Iterator[Reasoning]:
        found = [(at, tag) for tag in self._closing if (at := self._held.find(tag)) >= 0]
        if found:
            at, tag = min(found)
            yield from self._thought(self._held[:at].rstrip())
            self._held = self._held[at + len(tag) :]
            self._closing, self._has_thoughts = (), True
            return
        known = len(self._held) - max(_overlap(self._held, tag) for tag in self._closing)
        spaceless = len(self._held[:known].rstrip())
        cut = spaceless if known - spaceless < _MAX_SPACE else known
        yield from self._thought(self._held[:cut])
        self._held = self._held[cut:]

    def _thought(self, text: str) -> Iterator[Reasoning]:
        if self._is_fresh:
            text = text.lstrip()
        if text:
            yield Reasoning(f"\n\n{text}" if self._is_fresh and self._has_thoughts else text)
            self._is_fresh = False


def split_reasoning(text: str) -> tuple[str, str]:
    """Separate a whole text; returns the thoughts and the answer."""
    if not has_tags(text):
        return "", text
    splitter = ReasoningSplitter()
    pieces = [*splitter.feed(text), *splitter.end(is_whole=True)]
    thoughts = "".join(piece.text for piece in pieces if isinstance(piece, Reasoning))
    answer = "".join(piece.text for piece in pieces if isinstance(piece, Text))
    if answer == text and (found := _closing_alone(text)):
        start, end = found
        return text[:start].strip(), text[end:].lstrip()
    return thoughts, answer


def has_tags(text: str) -> bool:
    """Whether there may be thoughts in ``text``."""
    return any(tag in text for tag in _CLOSING) or text.lstrip().startswith(tuple(_TAGS))


def separated_parts(parts: Sequence[Part]) -> tuple[Part, ...]:
    """``parts`` with the thoughts of their texts moved to reasoning of their own."""
    return tuple(chain.from_iterable(_separated(part) if isinstance(part, Text) else [part] for part in parts))


def _separated(part: Text) -> Iterator[Part]:
    thoughts, text = split_reasoning(part.text)
    if thoughts:
        yield Reasoning(thoughts)
    if text or not thoughts:
        yield part if text == part.text else replace(part, text=text)


def separate_reasoning(message: Message) -> Message:
    """``message`` with the thoughts of its texts moved to reasoning of their own."""
    if message.role is not Role.ASSISTANT or not has_tags(message.text):
        return message
    return replace(message, parts=separated_parts(message.parts))


def _closing_alone(text: str) -> tuple[int, int] | None:
    """The span of a closing tag without an opening one, which ends the thoughts that ``text`` begins with.

    ``None`` if there is none outside of code and sentences.
    """
    places = [(at, closing) for closing in _CLOSING if (at := text.find(closing)) >= 0]
    if not places:
        return None
    at, closing = min(places)
    end = at + len(closing)
    opened = any(tag in text[:at] for tag in _TAGS)
    # Between two blanks it is a word of a sentence.
    is_word = text[:at].endswith(" ") and text[end : end + 1] in ("", " ")
    return None if opened or is_word or _is_in_code(text[:at]) else (at, end)


def _is_in_code(before: str) -> bool:
    """Whether the end of ``before`` is in a fenced code block or in inline code."""
    *lines, last = before.split("\n")
    fence = ""
    for line in lines:
        mark = line.strip()[:3]
        if mark in ("```", "~~~") and (not fence or (fence == mark and not line.strip().strip(mark))):
            fence = "" if fence else mark
    return bool(fence) or last.count("`") % 2 == 1


def _overlap(text: str, tag: str) -> int:
    """The length of the longest end of ``text`` that is a beginning of ``tag``."""
    return next((length for length in range(len(tag) - 1, 0, -1) if text.endswith(tag[:length])), 0)
