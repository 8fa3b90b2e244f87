"""A text that grows while the page shows it, in parts of which only the last is sent often.

Reflex sends a changed var whole. In one var, an answer would be sent again with every frame. In three, joined by
the browser, a frame costs the short ``tail``, and the longer a part is, the more seldom it changes.
"""

from dataclasses import dataclass
from typing import Self

TAIL_CHARS = 200
# Sent again, what the browser got less than 32 kB before costs next to nothing: the compression of its websocket looks
# back so far. The head does cost, and is sent the more often the shorter this is.
MIDDLE_CHARS = 16_000


@dataclass(slots=True)
class GrowingText:
    """The text is ``head + middle + tail``."""

    head: str = ""
    middle: str = ""
    tail: str = ""

    @classmethod
    def of(cls, text: str) -> Self:
        """One that has grown to ``text`` already."""
        grown = cls()
        grown.add(text)
        return grown

    def add(self, text: str) -> None:
        self.tail += text
        if len(self.tail) > TAIL_CHARS:
            self.middle, self.tail = self.middle + self.tail, ""
        if len(self.middle) > MIDDLE_CHARS:
            self.head, self.middle = self.head + self.middle, ""

    def __str__(self) -> str:
        return self.head + self.middle + self.tail
