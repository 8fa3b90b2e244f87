"""The log: one line of text for each record, or one JSON object with ``LOG_FORMAT=json``, on the standard error.

Records of other packages (uvicorn, gunicorn, Reflex, python-socketio, asyncio, Python's warnings) have the same form. A
record may have ``fields``, and has the id of its request, if it belongs to one.
"""

import json
import logging
import sys
import time
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from chat_app.compat.reflex import use_root_logger
from chat_app.config import ConfigError
from chat_app.infrastructure.observability.foreign_logs import (
    explain,
    is_foreign,
    safe_message,
    safe_text,
    trace_in_message,
)
from chat_app.infrastructure.observability.log_rate_limit import LogRateLimit
from chat_app.models.answer_record import Report

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the current request; an answer's task keeps that of the request that began it."""

logger = logging.getLogger(__name__)

# Loggers whose own handlers print without time and level; they use the root logger's. For gunicorn's: gunicorn_log.py.
_USE_ROOT_HANDLER = (
    "uvicorn",
    "uvicorn.error",
    "uvicorn.access",
    "engineio.server",
    "socketio.server",
    "reflex",
)
# engineio and socketio add a handler of their own only while their logger has no level.
_LEVELS = {
    "chat_app": logging.INFO,
    "engineio.server": logging.WARNING,
    "socketio.server": logging.WARNING,
    "reflex": logging.INFO,
}

# Line ends, terminals' escape sequences and other control characters, which could forge a line of the log.
_CONTROL = {code: f"\\u{code:04x}" for code in (*range(32), *range(127, 160), 0x2028, 0x2029)}
_ESCAPED = _CONTROL | {ord("\n"): "\\n", ord("\r"): "\\r", ord("\t"): "\\t"}


class LogHandler(logging.Handler):
    """Writes records to the current ``sys.stderr``, and limits repeated ones.

    Args:
        log_format: ``text`` or ``json``.
        with_process: Add the process's id, for a log of several workers.
    """

    def __init__(self, log_format: str, *, with_process: bool = False) -> None:
        super().__init__()
        formatter = JsonFormatter if log_format == "json" else TextFormatter
        self.setFormatter(formatter(with_process=with_process))
        self._rate_limit = LogRateLimit(time.monotonic)

    def emit(self, record: logging.LogRecord) -> None:
        self._write(self._rate_limit.records_to_write(record))

    def close(self) -> None:
        self._write(self._rate_limit.pending())
        super().close()

    def _write(self, records: list[logging.LogRecord]) -> None:
        for record in records:
            try:
                sys.stderr.write(f"{self.format(record)}\n")
                sys.stderr.flush()
            except Exception:
                self.handleError(record)


def configure(log_format: str, *, with_process: bool = False) -> None:
    """Write the log, the records of other packages too, to the standard error from now on.

    Args:
        log_format: ``text`` or ``json``.
        with_process: As in ``LogHandler``.
    """
    root = logging.getLogger()
    for handler in [*root.handlers]:
        if isinstance(handler, LogHandler):
            root.removeHandler(handler)
            handler.close()
    root.addHandler(LogHandler(log_format, with_process=with_process))
    for name, level in _LEVELS.items():
        if (chosen := logging.getLogger(name)).level == logging.NOTSET:
            chosen.setLevel(level)
    use_root_logger(as_json=log_format == "json")
    for name in _USE_ROOT_HANDLER:
        other = logging.getLogger(name)
        other.handlers, other.propagate = [], True
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught


def log_answer(report: Report) -> None:
    """Log an answer that has ended."""
    fields: dict[str, Any] = {
        "answer": report.answer_id,
        "outcome": report.result,
        "first_token": report.first_token,
        "duration": report.outcome.duration,
        "model": report.outcome.model,
    }
    if usage := report.outcome.usage:
        fields |= {"prompt_tokens": usage.prompt_tokens, "completion_tokens": usage.completion_tokens}
    logger.info("answer ended", extra={"fields": fields})


class TextFormatter(logging.Formatter):
    """``2026-11-30 12:03:01 INFO answer ended request=… outcome=complete``

    Against log injection, control characters are escaped and the lines of a traceback indented.
    """

    def __init__(self, *, with_process: bool = False) -> None:
        super().__init__(datefmt="%Y-%m-%d %H:%M:%S")
        self._with_process = with_process

    def format(self, record: logging.LogRecord) -> str:
        line = f"{self.formatTime(record, self.datefmt)} {record.levelname} {safe_message(record)}"
        fields = _fields(record, with_process=self._with_process)
        shown = [f"{name}={value}" for name, value in fields.items() if value not in (None, "")]
        lines = [" ".join([line, *shown]), *_trace(self, record)]
        return "\n    ".join(each.translate(_ESCAPED) for each in lines)


class JsonFormatter(logging.Formatter):
    """One JSON object for a record, with the names that Reflex uses for its own."""

    def __init__(self, *, with_process: bool = False) -> None:
        super().__init__()
        self._with_process = with_process

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": safe_message(record),
            **_fields(record, with_process=self._with_process),
        }
        if trace := _trace(self, record):
            line["exception"] = "\n".join(trace)
        return json.dumps(line, ensure_ascii=False, default=str).translate(_CONTROL)


def _fields(record: logging.LogRecord, *, with_process: bool) -> dict[str, Any]:
    known = request_id.get()
    return {
        **({"process": record.process} if with_process else {}),
        **({"request": known} if known else {}),
        **explain(record),
        **getattr(record, "fields", {}),
    }


def _trace(formatter: logging.Formatter, record: logging.LogRecord) -> list[str]:
    """Return the lines of the exception's traceback; none without an exception."""
    trace = formatter.formatException(record.exc_info) if record.exc_info and record.exc_info[0] else ""
    lines = (trace or trace_in_message(record)).splitlines()
    return [safe_text(each) for each in lines] if is_foreign(record) else lines


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    elif isinstance(error, ConfigError):
        logger.critical("%s", error)
    else:
        logger.critical("uncaught exception", exc_info=(kind, error, trace))
