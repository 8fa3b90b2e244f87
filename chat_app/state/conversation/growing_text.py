"""A growing text in three pieces, so that a frame sends little of it.

Reflex sends a changed var whole: in one var, an answer would be sent again with every frame. In three vars, which the
browser joins, most frames send only the short ``tail``; the longer a piece, the more seldom it changes.
"""

from dataclasses import dataclass
from typing import Self

TAIL_CHARS = 200
# Sending ``middle`` again costs next to nothing: it is within the 32 kB window of the websocket's compression. ``head``
# isn't, and a shorter ``middle`` would make it change more often.
MIDDLE_CHARS = 16_000


@dataclass(slots=True)
class GrowingText:
    """The text is ``head + middle + tail``."""

    head: str = ""
    middle: str = ""
    tail: str = ""

    @classmethod
    def of(cls, text: str) -> Self:
        """A growing text that begins with ``text``."""
        grown = cls()
        grown.add(text)
        return grown

    def add(self, text: str) -> None:
        """Append ``text``."""
        self.tail += text
        if len(self.tail) > TAIL_CHARS:
            self.middle, self.tail = self.middle + self.tail, ""
        if len(self.middle) > MIDDLE_CHARS:
            self.head, self.middle = self.head + self.middle, ""

    def __str__(self) -> str:
        return self.head + self.middle + self.tail
