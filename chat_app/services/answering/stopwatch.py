"""Durations of an answer, its first token and its reasoning."""

from collections.abc import Callable
from dataclasses import replace
from time import monotonic

from chat_app.models.events import PartEnded, PartEvent, PartStarted
from chat_app.models.parts import Reasoning


class Stopwatch:
    """Measures an answer from the stopwatch's creation on, in seconds.

    Args:
        duration: The duration of the answer that this one continues; ``None`` for a new answer.
        clock: A monotonic clock, in seconds.

    Attributes:
        first_token: Time to first token; ``None`` until then.
    """

    def __init__(self, duration: float | None, *, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._started = clock()
        self._answer_started = self._started - (duration or 0)
        self.first_token: float | None = None
        self._reasoning_since: float | None = None

    @property
    def duration(self) -> float:
        """The duration so far, rounded to the millisecond."""
        return round(self._clock() - self._answer_started, 3)

    def note(self, event: PartEvent) -> PartEvent:
        """Record the time of an event.

        Returns:
            The event; the end of reasoning gets its duration.
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
