"""Content: the one fold from an answer's events to its parts."""

from collections.abc import Iterable
from dataclasses import replace

from chat_app.models.events import AnswerEvent, PartEnded, PartEvent, PartGrew, PartStarted
from chat_app.models.parts import GrowingPart, Part, Reasoning, Text, growth, with_growth


class Content:
    """The parts of an answer, as far as its events have come.

    Args:
        parts: Those that it begins with; the last of them may grow if it is a text.

    Attributes:
        begun: How many parts it began with.
    """

    def __init__(self, parts: Iterable[Part] = ()) -> None:
        self._parts = list(parts)
        self.begun = len(self._parts)
        self._growth: list[str] = []  # of the last part: joined when it is asked for
        self._is_open = bool(self._parts) and isinstance(self._parts[-1], Text)
        self._continues = self._is_open
        self._changes = 0

    @property
    def parts(self) -> tuple[Part, ...]:
        """All parts; the last may be unfinished."""
        self._join()
        return tuple(self._parts)

    @property
    def open_part(self) -> GrowingPart | None:
        """The last part if it can grow still, without what it has grown since ``parts`` was asked for."""
        last = self._parts[-1] if self._parts and self._is_open else None
        return last if isinstance(last, GrowingPart) else None

    @property
    def changes(self) -> int:
        """How many events have changed the parts."""
        return self._changes

    @property
    def count(self) -> int:
        """How many parts there are."""
        return len(self._parts)

    def apply(self, event: AnswerEvent) -> None:
        """Take ``event`` in; those that are about no part change nothing."""
        match event:
            case PartGrew(index, piece):
                if index == len(self._parts) - 1:
                    self._growth.append(growth(piece))
                    self._continues &= not isinstance(self._parts[-1], Text)
            case PartStarted(index, part) | PartEnded(index, part):
                if index == len(self._parts):
                    self._join()
                self._growth = []  # of a part that ends: the event has all of it
                self._parts[index:] = [part]
                self._is_open = isinstance(event, PartStarted)
                self._continues &= not (self._is_open and isinstance(part, Text))
            case _:
                return
        self._changes += 1

    def write(self, piece: Part) -> list[PartEvent]:
        """The events of a model's next piece, which aren't applied yet: a piece of the open part's kind grows it."""
        index, last = len(self._parts), self.open_part
        if isinstance(piece, Text | Reasoning):
            if type(last) is type(piece):
                return [PartGrew(index - 1, piece)]
            if isinstance(piece, Text) and self._continues:
                piece = replace(piece, continues=True)
            return [*self.close(), PartStarted(index, piece)]
        return [*self.close(), PartEnded(index, piece)]

    def close(self) -> list[PartEvent]:
        """The event that ends the open part, which isn't applied yet; none without an open part."""
        if self.open_part is None:
            return []
        return [PartEnded(len(self._parts) - 1, self.parts[-1])]

    def _join(self) -> None:
        last = self._parts[-1] if self._growth else None
        if isinstance(last, GrowingPart):
            self._parts[-1] = with_growth(last, "".join([growth(last), *self._growth]))
        self._growth = []
