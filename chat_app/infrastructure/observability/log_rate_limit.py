"""Rate limit for repeated log records: one of a kind a minute, then the number of the others.

Without it, anybody could fill the disk with broken requests.
"""

import copy
import logging
from collections.abc import Callable
from dataclasses import dataclass
from traceback import walk_tb

from chat_app.infrastructure.observability.foreign_logs import is_foreign

PERIOD = 60  # seconds
MAX_KINDS = 1000

# Access logs, which are wanted line by line, and records that visitors can't cause: the build's output, reloads.
_EXEMPT = ("uvicorn.access", "gunicorn.access", "reflex.utils.")
_EXEMPT_MODULES = ("basereload",)

Kind = tuple[object, ...]


@dataclass(slots=True)
class _Period:
    """The current period of one kind of record.

    Attributes:
        ends: The time of its end, in the clock's seconds.
        last: The last record that was held back.
        count: The number of records that were held back.
    """

    ends: float
    last: logging.LogRecord | None = None
    count: int = 0


class LogRateLimit:
    """Limits records of other packages, and the app's own with ``often=True``.

    The limits on answers and requests bound the app's other records, each of which can be found by its request's id.

    Args:
        clock: Monotonic time in seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._periods: dict[Kind, _Period] = {}

    def records_to_write(self, record: logging.LogRecord) -> list[logging.LogRecord]:
        """Return the records to write now: ``record`` unless it repeats, after summaries of periods that have ended."""
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
        """Return the summaries of all records that were held back, and end their periods."""
        periods, self._periods = self._periods, {}
        return [summary for period in periods.values() if (summary := _summary(period))]


def _is_limited(record: logging.LogRecord) -> bool:
    if not is_foreign(record):
        return getattr(record, "often", False)
    return not record.name.startswith(_EXEMPT) and record.module not in _EXEMPT_MODULES


def _kind(record: logging.LogRecord) -> Kind:
    """The place in the code that logs it, and the place that raised its exception, if any.

    Not the message, which may differ each time.
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
    summary.__dict__["fields"] = {**getattr(summary, "fields", {}), "more_like_this": period.count}
    return summary
