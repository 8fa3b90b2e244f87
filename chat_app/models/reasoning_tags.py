"""Reasoning that a model writes into its text between tags, as ``<think>…</think>``, separated from its answer.

Tags count at the beginning of an answer, and after reasoning; anywhere else they are text.

The chat templates of some models (DeepSeek-R1, QwQ) put the opening tag into the prompt, so that the answer has the
closing tag alone. Until then its reasoning looks like the answer, and sent text can't be taken back, since cursors are
made of lengths. Such an answer is stored as it was sent; ``separate_reasoning`` is applied wherever it is shown,
titled, exported or sent to a model.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace

from chat_app.models.message import Message, Role
from chat_app.models.parts import Part, Reasoning, Text, text_of

_PLAIN = ("</think>", "</thinking>", "</thought>")  # models mix these words: <thought>…</think>
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
_MAX_SPACE = 1000  # characters of white space held back at most, before a possible tag


class ReasoningSplitter:
    """Incremental splitter of an answer's text into reasoning and text.

    Args:
        inside: The answer is expected to begin within reasoning, without an opening tag.
    """

    def __init__(self, *, inside: bool = False) -> None:
        self._expects_reasoning = inside
        self._is_guess = False  # within reasoning that is only expected
        self._closing: tuple[str, ...] = ()  # tags that close the current reasoning; empty outside
        self._has_reasoning = False  # closed by a tag
        self._is_fresh = True  # nothing of the current reasoning has been yielded
        self._is_answering = False  # the rest is text
        self._held = ""  # a possible tag, or white space before one
        self._all: list[str] = []  # all text until reasoning is closed: the answer, if the guess was wrong

    def feed(self, text: str) -> list[Text | Reasoning]:
        """Return the pieces that are certain; a possible tag at the end of ``text`` is held back."""
        if not self._has_reasoning:
            self._all.append(text)
        if self._is_answering:
            return [Text(text)]
        self._held += text
        return list(self._read())

    def end(self, *, is_whole: bool) -> list[Text | Reasoning]:
        """Return the pieces held back.

        Args:
            is_whole: The answer is complete. If reasoning was expected at its beginning and no tag has closed it, then
                there was none, and the whole text is the answer.
        """
        rest, self._held = self._held, ""
        if not self._closing:
            return [Text(rest)] if rest and not (self._has_reasoning and rest.isspace()) else []
        pieces: list[Text | Reasoning] = list(self._reasoning(rest.rstrip()))
        everything = "".join(self._all).strip()
        return [*pieces, Text(everything)] if self._is_guess and is_whole and everything else pieces

    def expect_none(self) -> None:
        """Revoke ``inside``: the answer begins with text."""
        self._expects_reasoning = False

    @property
    def begins_inside(self) -> bool:
        """True if the answer began within reasoning, without an opening tag; known once it is complete."""
        if self._is_guess or self._has_reasoning:
            return self._is_guess and self._has_reasoning
        return _closing_alone("".join(self._all)) is not None

    def _read(self) -> Iterator[Text | Reasoning]:
        while self._held:
            if self._closing:
                yield from self._read_reasoning()
                if self._closing:
                    return
            elif not (yield from self._read_beginning()):
                return

    def _read_beginning(self) -> Generator[Text, None, bool]:
        """Consume the held text outside of reasoning, yielding it if it is the answer.

        Returns:
            True if reasoning begins.
        """
        begun = self._held.lstrip()
        if tag := next((tag for tag in _TAGS if begun.startswith(tag)), None):
            self._held = begun.removeprefix(tag)
            self._closing, self._is_fresh = _TAGS[tag], True
            return True
        if len(self._held) <= _MAX_SPACE and any(tag.startswith(begun) for tag in _TAGS):
            return False
        if self._expects_reasoning and not self._has_reasoning:
            self._closing, self._is_guess = _CLOSING, True
            return True
        yield Text(begun if self._has_reasoning else self._held)
        self._is_answering, self._held = True, ""
        return False

    def _read_reasoning(self) -> Iterator[Reasoning]:
        found = [(at, tag) for tag in self._closing if (at := self._held.find(tag)) >= 0]
        if found:
            at, tag = min(found)
            yield from self._reasoning(self._held[:at].rstrip())
            self._held = self._held[at + len(tag) :]
            self._closing, self._has_reasoning = (), True
            return
        known = len(self._held) - max(_overlap(self._held, tag) for tag in self._closing)
        spaceless = len(self._held[:known].rstrip())
        cut = spaceless if known - spaceless < _MAX_SPACE else known
        yield from self._reasoning(self._held[:cut])
        self._held = self._held[cut:]

    def _reasoning(self, text: str) -> Iterator[Reasoning]:
        if self._is_fresh:
            text = text.lstrip()
        if text:
            yield Reasoning(f"\n\n{text}" if self._is_fresh and self._has_reasoning else text)
            self._is_fresh = False


def split_reasoning(text: str) -> tuple[str, str]:
    """Split a complete text.

    Returns:
        The reasoning and the answer.
    """
    if not has_tags(text):
        return "", text
    splitter = ReasoningSplitter()
    pieces = [*splitter.feed(text), *splitter.end(is_whole=True)]
    reasoning = "".join(piece.text for piece in pieces if isinstance(piece, Reasoning))
    answer = text_of(pieces)
    if answer == text and (found := _closing_alone(text)):
        start, end = found
        return text[:start].strip(), text[end:].lstrip()
    return reasoning, answer


def has_tags(text: str) -> bool:
    """Return True if ``text`` may contain reasoning between tags: a fast check before splitting."""
    return any(tag in text for tag in _CLOSING) or text.lstrip().startswith(tuple(_TAGS))


def separated_parts(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return ``parts`` with the reasoning in their texts as parts of its own."""
    separated: list[Part] = []
    for part in parts:
        if not isinstance(part, Text):
            separated.append(part)
            continue
        reasoning, text = split_reasoning(part.text)
        if reasoning:
            separated.append(Reasoning(reasoning))
        if text or not reasoning:
            separated.append(part if text == part.text else replace(part, text=text))
    return tuple(separated)


def separate_reasoning(message: Message) -> Message:
    """Return ``message`` with the reasoning in an answer's texts as parts of its own."""
    if message.role is not Role.ASSISTANT or not has_tags(message.text):
        return message
    return replace(message, parts=separated_parts(message.parts))


def _closing_alone(text: str) -> tuple[int, int] | None:
    """Find a closing tag without an opening one; the text before it is reasoning.

    Returns:
        The tag's span; ``None`` without such a tag outside of code and sentences.
    """
    found = [(at, closing) for closing in _CLOSING if (at := text.find(closing)) >= 0]
    if not found:
        return None
    at, closing = min(found)
    end = at + len(closing)
    opened = any(tag in text[:at] for tag in _TAGS)
    # Between spaces the tag is a word of a sentence about tags.
    is_word = text[:at].endswith(" ") and text[end : end + 1] in ("", " ")
    return None if opened or is_word or _is_in_code(text[:at]) else (at, end)


def _is_in_code(before: str) -> bool:
    """Return True if the text after ``before`` is in a fenced code block or in inline code."""
    *lines, last = before.split("\n")
    fence = ""
    for line in lines:
        mark = line.strip()[:3]
        if mark in ("```", "~~~") and (not fence or (fence == mark and not line.strip().strip(mark))):
            fence = "" if fence else mark
    return bool(fence) or last.count("`") % 2 == 1


def _overlap(text: str, tag: str) -> int:
    """Return the length of the longest suffix of ``text`` that is a proper prefix of ``tag``."""
    return next((length for length in range(len(tag) - 1, 0, -1) if text.endswith(tag[:length])), 0)
