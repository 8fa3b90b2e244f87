"""The log as text and as JSON, for records of the app and of other packages."""

import asyncio
import json
import logging
import os
import re
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from typing import NoReturn

import pytest
import socketio

from chat_app.config import ConfigError
from chat_app.infrastructure.observability import logs
from chat_app.infrastructure.observability.log_rate_limit import PERIOD, LogRateLimit

TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
PRIVATE = "what-a-visitor-wrote"

OTHERS = [
    "uvicorn.error",
    "uvicorn.access",
    "engineio.server",
    "socketio.server",
    "reflex.app",
    "asyncio",
    "py.warnings",
]


@pytest.fixture(params=["text", "json"])
def log_format(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Restore the configuration of logging afterwards."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setenv("REFLEX_LOG_JSON", "false")
    monkeypatch.delenv("REFLEX_MANAGED_LOGGING", raising=False)
    names = ["chat_app", "uvicorn", "reflex", *OTHERS]
    before = {name: (each.handlers, each.propagate, each.level) for name in names if (each := logging.getLogger(name))}
    yield
    logging.captureWarnings(capture=False)
    root = logging.getLogger()
    root.handlers = [each for each in root.handlers if not isinstance(each, logs.LogHandler)]
    for name, (handlers, propagate, level) in before.items():
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)


@pytest.fixture
def printed(clean: None, log_format: str, capsys: pytest.CaptureFixture[str]) -> Callable[[], list[str]]:
    """Configure the log, and return a function that returns the lines printed since."""
    logs.configure(log_format)

    def lines() -> list[str]:
        return capsys.readouterr().err.splitlines()

    return lines


class TestRecordsOfOthers:
    @pytest.mark.parametrize("name", OTHERS)
    def test_a_line_has_time_level_and_its_logger(self, printed: Callable[[], list[str]], log_format: str, name: str):
        logging.getLogger(name).warning("something %s", "odd")
        (line,) = (line for line in printed() if "odd" in line)  # servers of other tests may say something too
        if log_format == "json":
            fields = json.loads(line)
            assert fields.pop("timestamp")
            assert fields == {"level": "warning", "logger": name, "message": "something odd"}
        else:
            assert re.fullmatch(rf"{TIME} WARNING something odd logger={name}", line)

    def test_a_socket_server_adds_no_handler_of_its_own(self, printed: Callable[[], list[str]]):
        server = socketio.AsyncServer(async_mode="asgi")
        server.logger.error("once")
        server.eio.logger.error("once")
        assert len(printed()) == 2

    def test_a_refused_origin_names_the_variable(self, printed: Callable[[], list[str]], log_format: str):
        server = socketio.AsyncServer(async_mode="asgi", cors_allowed_origins=["http://localhost"])
        environ = {"REQUEST_METHOD": "GET", "QUERY_STRING": "", "HTTP_ORIGIN": "http://evil.example"}
        scope = {"type": "http", "asgi.url_scheme": "http"}
        environ |= {"asgi.receive": None, "asgi.send": _ignore, "asgi.scope": scope}
        server.eio._async = {**server.eio._async, "translate_request": lambda *_: environ}
        asyncio.run(server.eio.handle_request(None, None, None))
        (line,) = printed()
        assert "http://evil.example is not an accepted origin" in line
        assert '"variable": "ALLOWED_ORIGINS"' in line if log_format == "json" else "variable=ALLOWED_ORIGINS" in line

    @pytest.mark.parametrize(
        ("name", "message", "variable"),
        [
            ("gunicorn.error", "Connection in use: ('127.0.0.1', 3000)", "REFLEX_FRONTEND_PORT"),
            ("reflex.utils.processes", "Backend port: 8000 is already in use.", "REFLEX_BACKEND_PORT"),
        ],
    )
    def test_a_port_that_is_in_use_names_the_variable(
        self, printed: Callable[[], list[str]], name: str, message: str, variable: str
    ):
        logging.getLogger(name).error(message)
        assert variable in printed()[0]

    def test_a_warning_of_python_is_a_line(self, printed: Callable[[], list[str]]):
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("this is old", stacklevel=1)
        assert "this is old" in printed()[0]

    @pytest.mark.parametrize(
        "message",
        [
            f"Error processing event queue entry for Event(name='a.b', router_data={{'cookie': '{PRIVATE}'}}):",
            f"Received event from session 1 with no associated token. Event data: {PRIVATE}",
            "x" * 2000 + PRIVATE,
        ],
    )
    def test_a_line_has_nothing_that_a_visitor_sent(self, printed: Callable[[], list[str]], message: str):
        logging.getLogger("reflex.app").error(message, exc_info=ValueError(message))
        lines = "\n".join(printed())
        assert PRIVATE not in lines
        assert "ValueError" in lines

    def test_a_start_that_the_configuration_ends_is_a_sentence(self, printed: Callable[[], list[str]]):
        try:
            _raise(ConfigError("DATABASE_URL=(hidden): refused"))
        except ConfigError:
            text = traceback.format_exc()
        logging.getLogger("uvicorn.error").error(text)
        (line,) = printed()
        assert "DATABASE_URL=(hidden): refused" in line
        assert "Traceback" not in line

    def test_a_traceback_in_place_of_a_message_is_told_as_one(self, printed: Callable[[], list[str]], log_format: str):
        try:
            _raise(ValueError("broken"))
        except ValueError:
            text = traceback.format_exc()
        logging.getLogger("uvicorn.error").error(text)
        first, *others = printed()
        assert (
            "ERROR ValueError: broken" in first if log_format == "text" else '"message": "ValueError: broken"' in first
        )
        assert "_raise" in "".join(others) if log_format == "text" else "_raise" in first

    def test_markup_for_terminals_is_left_out(self, printed: Callable[[], list[str]]):
        logging.getLogger("reflex.app").warning("on [bold]http://localhost[/bold]", extra={"rich": True})
        assert "on http://localhost" in printed()[0]


class TestOwnRecords:
    def test_no_text_can_forge_a_line(self, printed: Callable[[], list[str]], log_format: str):
        forged = "gpt\r\n2026-01-01 00:00:00 INFO forged\x1b[2J\u2028\x85"
        fields = {"fields": {"model": forged}}
        logging.getLogger("chat_app").error(forged, extra=fields, exc_info=ValueError(forged))
        lines = printed()
        if log_format == "json":
            assert len(lines) == 1
        else:
            assert all(line.startswith("    ") for line in lines[1:])
            assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028]", "".join(lines))

    def test_an_exception_that_nobody_catches_is_a_record(self, printed: Callable[[], list[str]]):
        error = ValueError("broken")
        sys.excepthook(ValueError, error, None)
        lines = printed()
        assert "uncaught exception" in lines[0]
        assert "ValueError: broken" in lines[-1]

    def test_a_mistake_in_the_configuration_is_a_sentence(self, printed: Callable[[], list[str]]):
        sys.excepthook(ConfigError, ConfigError("MAX_TOKENS='x': no number"), None)
        (line,) = printed()
        assert "MAX_TOKENS='x': no number" in line

    def test_configuring_again_prints_no_line_twice(self, printed: Callable[[], list[str]], log_format: str):
        logs.configure(log_format)
        logging.getLogger("chat_app").info("once")
        assert len(printed()) == 1


class TestRepeats:
    """``LogRateLimit`` with a fake clock."""

    @pytest.fixture
    def clock(self) -> list[float]:
        return [0.0]

    @pytest.fixture
    def limit(self, clock: list[float]) -> LogRateLimit:
        return LogRateLimit(lambda: clock[0])

    def test_a_line_that_repeats_is_written_once_a_period_and_then_counted(
        self, limit: LogRateLimit, clock: list[float]
    ):
        written = [limit.records_to_write(record(message=str(number))) for number in range(100)]
        assert [each for each in written if each] == [written[0]]
        clock[0] = PERIOD
        summary, other = limit.records_to_write(record("asyncio", line=2))
        assert summary.getMessage() == "99"
        assert summary.__dict__["fields"] == {"more_like_this": 99}
        assert other.lineno == 2

    def test_records_held_back_are_summed_up_at_the_end(self, limit: LogRateLimit):
        limit.records_to_write(record())
        assert limit.pending() == []
        limit.records_to_write(record())
        limit.records_to_write(record())
        (summary,) = limit.pending()
        assert summary.__dict__["fields"] == {"more_like_this": 1}

    def test_records_of_different_kinds_are_all_written(self, limit: LogRateLimit):
        kinds = [record(), record("uvicorn.error"), record(line=2), failed(_fail), failed(_fail_otherwise)]
        assert [limit.records_to_write(each) for each in kinds] == [[each] for each in kinds]

    @pytest.mark.parametrize("name", ["chat_app.api", "uvicorn.access", "gunicorn.access", "reflex.utils.processes"])
    def test_requests_answers_and_the_builds_output_are_all_written(self, limit: LogRateLimit, name: str):
        assert all(limit.records_to_write(record(name)) for _ in range(3))

    def test_an_own_line_that_anybody_can_cause_is_limited(self, limit: LogRateLimit):
        records = [record("chat_app.api.http") for _ in range(3)]
        for each in records:
            each.__dict__["often"] = True
        assert [bool(limit.records_to_write(each)) for each in records] == [True, False, False]


def record(name: str = "asyncio", *, line: int = 1, message: str = "a client has gone") -> logging.LogRecord:
    return logging.LogRecord(name, logging.WARNING, "module.py", line, message, (), None)


def failed(fail: Callable[[], None]) -> logging.LogRecord:
    """A record with the exception that ``fail`` raises."""
    try:
        fail()
    except ValueError:
        return logging.LogRecord("asyncio", logging.ERROR, "module.py", 1, "failed", (), sys.exc_info())
    raise AssertionError


def _fail() -> None:
    raise ValueError


def _fail_otherwise() -> None:
    raise ValueError


def _raise(error: Exception) -> NoReturn:
    raise error


async def _ignore(_: object) -> None:
    pass


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_lines_of_several_workers_name_the_process(clean: None, log_format: str, capsys: pytest.CaptureFixture[str]):
    logs.configure(log_format, with_process=True)
    logging.getLogger("chat_app").warning("odd")
    (line,) = (line for line in capsys.readouterr().err.splitlines() if "odd" in line)
    expected = f'"process": {os.getpid()}' if log_format == "json" else f"odd process={os.getpid()}"
    assert expected in line
