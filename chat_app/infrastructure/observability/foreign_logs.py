"""Log records of other packages: redaction of visitors' data, and the configuration variable that caused them."""

import logging
from dataclasses import dataclass

from rich.errors import MarkupError
from rich.text import Text

MAX_CHARS = 1000

# Words before visitors' data. Reflex logs an event that it can't handle whole: its payload, and the request's headers
# with the visitor's cookie.
_BEFORE_VISITOR_DATA = (", router_data=", " Event data: ", "Failed to deserialize event data: ")

_CONFIG_ERROR = "chat_app.config.ConfigError: "


@dataclass(frozen=True, slots=True)
class _Cause:
    """The cause of a record of another package, added to it as a field.

    Attributes:
        logger: The name of the record's logger.
        words: A part of the record's message.
        field: The field's name.
        value: A variable of the configuration, or a sentence.
    """

    logger: str
    words: str
    field: str
    value: str


_CAUSES = (
    _Cause("engineio.server", "is not an accepted origin", "variable", "ALLOWED_ORIGINS"),
    _Cause("gunicorn.error", "Connection in use", "variable", "REFLEX_FRONTEND_PORT"),
    _Cause("reflex", "Frontend port: ", "variable", "REFLEX_FRONTEND_PORT"),
    _Cause("reflex", "Backend port: ", "variable", "REFLEX_BACKEND_PORT"),
    _Cause("gunicorn.error", "WORKER TIMEOUT", "variable", "GUNICORN_CMD_ARGS"),
    _Cause("uvicorn.error", "Invalid HTTP request", "cause", "a client that does not speak HTTP here, or HTTPS"),
    _Cause("asyncio", "socket.send() raised", "cause", "a client has gone"),
    _Cause("reflex", "to disconnected client", "cause", "a page has gone"),
    _Cause("reflex", "does not match the backend", "cause", "a page of an earlier build; it reloads"),
)


class _QueryFilter(logging.Filter):
    """Removes the query from uvicorn's access log: the question to a GET is in its address.

    The arguments are client address, method, path with query, HTTP version and status.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(arg.partition("?")[0] if isinstance(arg, str) else arg for arg in record.args)
        return True


_QUERY_FILTER = _QueryFilter()


def remove_queries_from_access_log() -> None:
    """Leave queries out of uvicorn's access log from now on."""
    logging.getLogger("uvicorn.access").addFilter(_QUERY_FILTER)


def is_foreign(record: logging.LogRecord) -> bool:
    """Return True if the record comes from another package."""
    return record.name.partition(".")[0] not in ("chat_app", "tests")


def explain(record: logging.LogRecord) -> dict[str, str]:
    """Return the additional fields of another package's record: its logger and its cause."""
    if not is_foreign(record):
        return {}
    message = record.getMessage()
    causes = {
        cause.field: cause.value
        for cause in _CAUSES
        if (record.name == cause.logger or record.name.startswith(f"{cause.logger}.")) and cause.words in message
    }
    return {"logger": record.name, **causes}


def safe_message(record: logging.LogRecord) -> str:
    """Return the record's message; another package's without traceback, markup and visitors' data."""
    message = record.getMessage()
    if not is_foreign(record):
        return message
    if _is_trace(message):
        message = message.strip().rpartition("\n")[2].removeprefix(_CONFIG_ERROR)
    return safe_text(_without_markup(message) if getattr(record, "rich", False) else message).strip()


def trace_in_message(record: logging.LogRecord) -> str:
    """Return the traceback that is the message: Starlette passes that of a failed start to uvicorn in this way.

    It is empty for a configuration error, whose message says enough.
    """
    message = record.getMessage()
    return message if is_foreign(record) and _is_trace(message) and _CONFIG_ERROR not in message else ""


def safe_text(text: str) -> str:
    """Shorten a text of another package, and remove visitors' data."""
    for words in _BEFORE_VISITOR_DATA:
        before, found, _ = text.partition(words)
        text = f"{before}{found}…" if found else text
    return text if len(text) <= MAX_CHARS else f"{text[:MAX_CHARS]}…"


def _is_trace(message: str) -> bool:
    return message.startswith("Traceback (most recent call last)")


def _without_markup(message: str) -> str:
    try:
        return Text.from_markup(message).plain
    except MarkupError:
        return message
