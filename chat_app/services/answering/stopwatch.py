"""How long an answer takes, and the model's reasoning in it."""

from collections.abc import Callable
from dataclasses import replace
from time import monotonic

from chat_app.models.events import PartEnded, PartEvent, PartStarted
from chat_app.models.parts import Reasoning


class Stopwatch:
    """Runs from its creation on. All times are seconds.

    Args:
        duration: What the answer has taken already, where it continues another one.
        clock: Seconds since some moment.

    Attributes:
        first_token: How long the model took for its first piece; ``None`` until then.
    """

    def __init__(self, duration: float | None, *, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._started = clock()
        self._begun = self._started - (duration or 0)
        self.first_token: float | None = None
        self._reasoning_since: float | None = None

    @property
    def duration(self) -> float:
        """How long the answer has taken so far, to the millisecond."""
        return round(self._clock() - self._begun, 3)

    def note(self, event: PartEvent) -> PartEvent:
        """Take notice of an event that happens at this moment.

        Returns:
            The event; one that ends a reasoning says how long that took.
        """
        if self.first_token is None:
            self.first_token = round(self._clock() - self._started, 3)
        match event:
            case PartStarted(part=Reasoning()):
                self._reasoning_since = self._clock()
            case PartEnded(index, Reasoning() as reasoning) if self._reasoning_since is not None:
                seconds = round(self._clock() - self._reasoning_since, 3)
                self._reasoning_since = None
                return PartEnded(index, replace(reasoning, seconds=seconds))
        return event
