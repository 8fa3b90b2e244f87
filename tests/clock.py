"""Fake time: a clock that a test sets, and an event loop with virtual time."""

import asyncio
import selectors
from collections.abc import Mapping
from selectors import SelectorKey


class Clock:
    """Monotonic time in seconds that passes when a test says so: ``clock.now += 60``."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop whose time jumps to the next timer as soon as it is idle.

    ``sleep(60)`` takes no time and other timers within those 60 seconds run before it ends, in their order. Threads and
    other processes are not waited for: tests that need them keep the usual loop.
    """

    def __init__(self) -> None:
        self._skipped = 0.0
        super().__init__(_Skipping(self))

    def time(self) -> float:
        return self._skipped

    def skip(self, seconds: float) -> None:
        self._skipped += seconds


class _Skipping(selectors.DefaultSelector):
    """A selector that skips the time to wait."""

    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        ready = super().select(0)
        if not ready:
            self._loop.skip(timeout)
        return ready


Backend = tuple[str, Mapping[str, object]]
VIRTUAL_TIME: Backend = ("asyncio", {"loop_factory": VirtualTimeLoop})
"""Return value of a module's fixture ``anyio_backend``, to run its tests in virtual time."""
