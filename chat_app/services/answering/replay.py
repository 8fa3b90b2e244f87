"""Replay of stored answers: their events after a cursor, as in their log."""

from collections.abc import Iterator, Sequence

from chat_app.models.errors import Interrupted, is_retryable
from chat_app.models.events import (
    START,
    WHOLE,
    AnswerEvent,
    Cursor,
    Done,
    Entry,
    Failure,
    PartEnded,
    PartEvent,
    PartGrew,
    PartStarted,
    advance,
)
from chat_app.models.message import Message, Outcome, Status
from chat_app.models.parts import GrowingPart, Part, Reasoning, Text, growth, with_growth


def replay(message: Message, after: Cursor = START) -> list[Entry]:
    """Return the entries of a stored answer past ``after``.

    An answer still stored as ``streaming`` has lost its writer in a crash, and ends as ``Interrupted``.
    """
    entries: list[Entry] = []
    cursor = after
    for event in (*part_events(message.parts, after), *_end(message)):
        cursor = advance(cursor, event)
        if cursor > after:
            entries.append(Entry(cursor, event))
    return entries


def part_events(parts: Sequence[Part], after: Cursor = START, *, is_open: bool = False) -> Iterator[PartEvent]:
    """Yield the events of ``parts`` past ``after``; growing text comes in one piece.

    Args:
        is_open: A text at the end stays open: it gets no ``PartEnded``.
    """
    for index, part in enumerate(parts[after.part :], after.part):
        read = after.offset if index == after.part else 0
        if isinstance(part, GrowingPart) and read < WHOLE:
            if not read:
                yield PartStarted(index, part)
            elif rest := growth(part)[read:]:
                yield PartGrew(index, with_growth(part, rest))
            if is_open and isinstance(part, Text) and index == len(parts) - 1:
                return
        yield PartEnded(index, part)


def cursor_of_lengths(parts: Sequence[Part], text: int, reasoning: int) -> Cursor:
    """Convert a position of the format before parts: numbers of characters of the text and of the reasoning.

    Answers of that format have at most one reasoning, before the text.
    """
    for index, part in enumerate(parts):
        if isinstance(part, Reasoning) and text == 0:
            return Cursor(index, min(reasoning, len(part.text)))
        if isinstance(part, Text):
            return Cursor(index, min(text, len(part.text)))
    return START


def _end(message: Message) -> Iterator[AnswerEvent]:
    outcome = message.outcome or Outcome(Status.COMPLETE)
    if outcome.status is Status.STREAMING:
        outcome = Outcome(Status.INTERRUPTED, error_code=Interrupted.code)
    if outcome.error_code:
        yield Failure(outcome.error_code, is_retryable(outcome.error_code))
    yield Done(outcome)
