"""Fold of an answer's events into its parts, and the events of new pieces."""

from collections.abc import Iterable
from dataclasses import replace

from chat_app.models.events import AnswerEvent, PartEnded, PartEvent, PartGrew, PartStarted
from chat_app.models.parts import GrowingPart, Part, Reasoning, Text, growth, with_growth


class Content:
    """The parts of an answer, up to the last applied event.

    Args:
        parts: The initial parts. The last one stays open if it is a text.

    Attributes:
        initial_count: The number of initial parts.
    """

    def __init__(self, parts: Iterable[Part] = ()) -> None:
        self._parts = list(parts)
        self.initial_count = len(self._parts)
        self._growth: list[str] = []  # of the last part; joined on demand: joining each piece is quadratic
        self._is_open = bool(self._parts) and isinstance(self._parts[-1], Text)
        self._continues = self._is_open  # the next text continues the last initial part
        self._changes = 0

    @property
    def parts(self) -> tuple[Part, ...]:
        """All parts; the last one may still grow."""
        self._join()
        return tuple(self._parts)

    @property
    def open_part(self) -> GrowingPart | None:
        """The last part if it can still grow; it lacks the growth since ``parts`` was last read."""
        last = self._parts[-1] if self._parts and self._is_open else None
        return last if isinstance(last, GrowingPart) else None

    @property
    def changes(self) -> int:
        """The number of applied events that changed the parts."""
        return self._changes

    @property
    def count(self) -> int:
        """The number of parts."""
        return len(self._parts)

    def apply(self, event: AnswerEvent) -> None:
        """Apply ``event``. Events that concern no part have no effect."""
        match event:
            case PartGrew():
                if event.index == len(self._parts):  # its start was empty: a reader at ``START`` is past it
                    self.apply(PartStarted(event.index, event.piece))
                    return
                if event.index == len(self._parts) - 1:
                    self._growth.append(growth(event.piece))
                    self._continues &= not isinstance(self._parts[-1], Text)
            case PartStarted(index, part) | PartEnded(index, part):
                if index == len(self._parts):
                    self._join()
                self._growth = []  # ``PartEnded`` carries the whole part
                self._parts[index:] = [part]
                self._is_open = isinstance(event, PartStarted)
                self._continues &= not (self._is_open and isinstance(part, Text))
            case _:
                return
        self._changes += 1

    def write(self, piece: Part) -> list[PartEvent]:
        """Return the events of the model's next piece, without applying them.

        A piece of the open part's kind grows it. Any other piece ends it and starts a part of its own.
        """
        index, last = len(self._parts), self.open_part
        if isinstance(piece, Text | Reasoning):
            if type(last) is type(piece):
                return [PartGrew(index - 1, piece)]
            if isinstance(piece, Text) and self._continues:
                piece = replace(piece, continues=True)
            return [*self.close(), PartStarted(index, piece)]
        return [*self.close(), PartEnded(index, piece)]

    def close(self) -> list[PartEvent]:
        """Return the event that ends the open part, without applying it; empty without an open part."""
        if self.open_part is None:
            return []
        return [PartEnded(len(self._parts) - 1, self.parts[-1])]

    def _join(self) -> None:
        last = self._parts[-1] if self._growth else None
        if isinstance(last, GrowingPart):
            self._parts[-1] = with_growth(last, "".join([growth(last), *self._growth]))
        self._growth = []
