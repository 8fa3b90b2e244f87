"""An answer's text as it stands, added up from its pieces."""

from dataclasses import dataclass, field

from chat_app.models.events import Chunk, Reasoning


@dataclass(slots=True)
class Draft:
    _text: list[str] = field(default_factory=list)
    _reasoning: list[str] = field(default_factory=list)

    @property
    def pieces(self) -> int:
        """How many there are; it grows with every change of the text."""
        return len(self._text) + len(self._reasoning)

    @property
    def text(self) -> str:
        return "".join(self._text)

    @property
    def reasoning(self) -> str:
        return "".join(self._reasoning)

    def add(self, piece: Chunk | Reasoning) -> None:
        (self._text if isinstance(piece, Chunk) else self._reasoning).append(piece.text)
