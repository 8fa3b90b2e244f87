"""A limit on log lines that repeat: one a minute of each kind, and then how many more there were.

Without it, anybody who sends broken requests fills the disk.
"""

import copy
import logging
from collections.abc import Callable
from dataclasses import dataclass
from traceback import walk_tb

from chat_app.infrastructure.foreign_logs import is_foreign

PERIOD = 60  # seconds
MAX_KINDS = 1000

# Lines that visitors don't cause alone, or that are asked for one by one: requests, the build's output, reloads.
_ALL = ("uvicorn.access", "gunicorn.access", "reflex.utils.")
_ALL_OF_MODULES = ("basereload",)

Kind = tuple[object, ...]


@dataclass(slots=True)
class _Period:
    """A kind's current period.

    Attributes:
        ends: When it ends.
        last: The last record that was held back.
        count: How many were.
    """

    ends: float
    last: logging.LogRecord | None = None
    count: int = 0


class RepeatLimit:
    """Decides which records are written.

    It limits the records of other packages, and the app's own that have ``often=True``: the others are bounded already,
    by the limits on answers and requests, and people look for each of them under its request's id.

    Args:
        clock: Tells the time in seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._periods: dict[Kind, _Period] = {}

    def pass_on(self, record: logging.LogRecord) -> list[logging.LogRecord]:
        """What is to be written now: summaries of periods that have ended, and the record unless it repeats."""
        now = self._clock()
        ended = [kind for kind, period in self._periods.items() if period.ends <= now]
        passed = [summary for kind in ended if (summary := _summary(self._periods.pop(kind)))]
        if not _is_limited(record):
            return [*passed, record]
        period = self._periods.get(_kind(record))
        if period is None:
            if len(self._periods) < MAX_KINDS:
                self._periods[_kind(record)] = _Period(now + PERIOD)
            return [*passed, record]
        period.last, period.count = record, period.count + 1
        return passed

    def pending(self) -> list[logging.LogRecord]:
        """Summaries of all that has been held back; it is then forgotten."""
        periods, self._periods = self._periods, {}
        return [summary for period in periods.values() if (summary := _summary(period))]


def _is_limited(record: logging.LogRecord) -> bool:
    if not is_foreign(record):
        return getattr(record, "often", False)
    return not record.name.startswith(_ALL) and record.module not in _ALL_OF_MODULES


def _kind(record: logging.LogRecord) -> Kind:
    """The place in the code that logs it, and the place that raised, if there is an exception.

    Not the message: it may differ each time.
    """
    kind: Kind = (record.name, record.pathname, record.lineno)
    if record.name == "py.warnings":
        return (*kind, record.args)
    if record.exc_info and record.exc_info[0]:
        trace = record.exc_info[2]
        frames = [(frame.f_code.co_filename, line) for frame, line in walk_tb(trace)]
        return (*kind, record.exc_info[0], *frames[-1:])
    return kind


def _summary(period: _Period) -> logging.LogRecord | None:
    """The last record that was held back, without its exception, and the number of them."""
    if period.last is None:
        return None
    summary = copy.copy(period.last)
    summary.exc_info = summary.exc_text = None
    setattr(summary, "fields", {**getattr(summary, "fields", {}), "more_like_this": period.count})  # noqa: B010
    return summary
