"""A movable deadline for the current task, cheaper than a timer for each wait."""

import asyncio
from collections.abc import Awaitable
from math import inf
from typing import Self, TypeVar

from chat_app.models.errors import ModelTimeout

T = TypeVar("T")


class Deadline:
    """Deadline for one wait of the current task after another, movable between waits.

    ``asyncio.timeout_at`` around each wait does the same, but a timer for every piece of an answer takes longer than
    decoding it. Here one timer serves many waits: if it fires before ``due``, it is restarted.

    Attributes:
        due: The deadline, in the event loop's time (seconds).
    """

    def __init__(self, due: float) -> None:
        self.due = due
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        self._timer: asyncio.TimerHandle | None = None
        self._timer_due = inf
        self._is_waiting = False
        self._is_missed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._timer:
            self._timer.cancel()

    async def wait(self, step: Awaitable[T]) -> T:
        """Await ``step``.

        Raises:
            ModelTimeout: The deadline passed first.
        """
        if self.due < self._timer_due:
            self._start_timer()
        self._is_waiting = True
        try:
            return await step
        except asyncio.CancelledError:
            # A simultaneous cancellation by other code must propagate.
            if self._is_missed and self._task and not self._task.uncancel():
                raise ModelTimeout("the next piece is overdue") from None
            raise
        finally:
            self._is_waiting = False

    def _start_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer_due = self.due
        self._timer = self._loop.call_at(self.due, self._on_timer)

    def _on_timer(self) -> None:
        self._timer_due = inf
        if self._loop.time() < self.due:
            self._start_timer()
        elif self._is_waiting and self._task:
            self._is_missed = True
            self._task.cancel()
