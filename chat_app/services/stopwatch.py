"""How long an answer takes, and the model's reasoning in it."""

from collections.abc import Callable
from time import monotonic

from chat_app.models.events import Chunk, Reasoning


class Stopwatch:
    """Runs from its creation on. All times are seconds.

    Args:
        duration: What the answer has taken already, where it continues another one.
        reasoning_duration: The same for the reasoning in it.
        clock: Seconds since some moment.

    Attributes:
        first_token: How long the model took for its first word or thought; ``None`` until then.
    """

    def __init__(
        self, duration: float | None, reasoning_duration: float | None, *, clock: Callable[[], float] = monotonic
    ) -> None:
        self._clock = clock
        self._started = clock()
        self._begun = self._started - (duration or 0)
        self.first_token: float | None = None
        self._reasoned = reasoning_duration
        self._reasoning_since: float | None = None

    @property
    def reasoned(self) -> float | None:
        """The duration of the reasoning that has ended, to the millisecond; ``None`` if there was none."""
        return None if self._reasoned is None else round(self._reasoned, 3)

    def note(self, piece: Chunk | Reasoning) -> Chunk | Reasoning:
        """Take notice of what the model does at this moment; a piece of text that ends its reasoning says so."""
        if self.first_token is None:
            self.first_token = round(self._clock() - self._started, 3)
        if isinstance(piece, Reasoning):
            if self._reasoning_since is None:
                self._reasoning_since = self._clock()
        elif self._reasoning_since is not None:
            self._end_reasoning()
            return Chunk(piece.text, self.reasoned)
        return piece

    def stop(self) -> tuple[float, float | None]:
        """The whole duration, and that of the reasoning, if there was any; to the millisecond."""
        self._end_reasoning()
        return round(self._clock() - self._begun, 3), self.reasoned

    def _end_reasoning(self) -> None:
        if self._reasoning_since is not None:
            self._reasoned = (self._reasoned or 0) + self._clock() - self._reasoning_since
            self._reasoning_since = None
