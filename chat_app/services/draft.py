"""An answer's text as it stands, added up from its events."""

from dataclasses import dataclass, field

from chat_app.models.events import AnswerEvent, Chunk, Failure, Reasoning


@dataclass(slots=True)
class Draft:
    _text: list[str] = field(default_factory=list)
    _reasoning: list[str] = field(default_factory=list)
    error_code: str = ""

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

    def add(self, event: AnswerEvent) -> None:
        match event:
            case Chunk(text):
                self._text.append(text)
            case Reasoning(text):
                self._reasoning.append(text)
            case Failure(code):
                self.error_code = code
            case _:
                pass
