"""What the app logs: a line for a person to read, or a JSON object on a line for a program.

A record may have ``fields``, and has the id of the request it comes from, if it comes from one.
"""

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from chat_app.models.report import Report

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Of the request that is being served; an answer's task keeps that of the request that began it."""

logger = logging.getLogger(__name__)


def configure(log_format: str) -> None:
    """Log to the standard error from now on; ``log_format`` is ``text`` or ``json``."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    app = logging.getLogger("chat_app")
    app.handlers = [handler]
    app.setLevel(logging.INFO)
    app.propagate = False


def log_answer(report: Report) -> None:
    """One line for each answer."""
    fields: dict[str, Any] = {
        "answer": report.answer_id,
        "outcome": report.outcome,
        "first_token": report.first_token,
        "duration": report.duration,
        "model": report.model,
    }
    if report.usage:
        fields |= {"prompt_tokens": report.usage.prompt_tokens, "completion_tokens": report.usage.completion_tokens}
    logger.info("answer ended", extra={"fields": fields})


class TextFormatter(logging.Formatter):
    """``12:03:01 INFO answer ended request=… outcome=complete``"""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        fields = {name: value for name, value in _fields(record).items() if value not in (None, "")}
        return " ".join([super().formatMessage(record), *(f"{name}={value}" for name, value in fields.items())])


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    known = request_id.get()
    return {**({"request": known} if known else {}), **getattr(record, "fields", {})}
