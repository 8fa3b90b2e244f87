"""A time limit for one wait after another."""

import asyncio
from collections.abc import Awaitable
from math import inf
from typing import Self, TypeVar

from chat_app.models.errors import ModelTimeout

T = TypeVar("T")


class Deadline:
    """A moment up to which the current task waits. It may be moved from one wait to the next.

    ``asyncio.timeout_at`` around each wait would do the same, but a timer for every piece of an answer takes longer
    than decoding it. Here a timer that goes off too early is set again.

    Attributes:
        due: The moment, in the event loop's time.
    """

    def __init__(self, due: float) -> None:
        self.due = due
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        self._timer: asyncio.TimerHandle | None = None
        self._set_for = inf
        self._is_waiting = False
        self._is_missed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._timer:
            self._timer.cancel()

    async def wait(self, step: Awaitable[T]) -> T:
        """What ``step`` returns.

        Raises:
            ModelTimeout: The moment came first.
        """
        if self.due < self._set_for:
            self._set()
        self._is_waiting = True
        try:
            return await step
        except asyncio.CancelledError:
            # Somebody else may have cancelled it as well, and that has to get through.
            if self._is_missed and self._task and not self._task.uncancel():
                raise ModelTimeout("what comes next is overdue") from None
            raise
        finally:
            self._is_waiting = False

    def _set(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._set_for = self.due
        self._timer = self._loop.call_at(self.due, self._go_off)

    def _go_off(self) -> None:
        self._set_for = inf
        if self._loop.time() < self.due:
            self._set()
        elif self._is_waiting and self._task:
            self._is_missed = True
            self._task.cancel()
