"""Health checks, metrics and the log."""

import json
import logging
import re
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from chat_app.infrastructure.observability.logs import TextFormatter
from tests.fake_upstream import FakeUpstream
from tests.server import KEY, PROGRAM_KEY, ApiServer
from tests.stream_client import StreamClient, new_cookie

Serve = Callable[..., ApiServer]
Connect = Callable[..., StreamClient]

ELSEWHERE = {"X-Forwarded-For": "203.0.113.9"}


class TestHealth:
    def test_health_is_open_to_everyone_and_tells_no_secret(self, serve: Serve):
        server = serve(is_open=False)
        for path in ("live", "ready"):
            response = httpx.get(f"{server.url}/health/{path}", headers=ELSEWHERE)
            assert response.status_code == 200
            assert response.headers["x-request-id"]
            assert not any(word in response.text for word in (KEY, "http", "sqlite"))

    def test_readiness_says_what_works(self, server: ApiServer, serve: Serve):
        ready = {"ready": True, "storage": True, "log": True, "accepting": True, "model": "configured"}
        assert httpx.get(f"{server.url}/health/ready").json() == ready
        demo = serve(openai_api_key="", openai_base_url="")
        assert httpx.get(f"{demo.url}/health/ready").json() == {**ready, "model": "demo"}

    def test_the_server_without_storage_lives_and_is_not_ready(self, serve: Serve, tmp_path: Path):
        server = serve()
        with closing(sqlite3.connect(tmp_path / "chat.db")) as database:
            database.executescript("DROP TABLE messages; DROP TABLE conversations")
        response = httpx.get(f"{server.url}/health/ready")
        assert response.status_code == 503
        assert not response.json()["ready"]
        assert not response.json()["storage"]
        assert httpx.get(f"{server.url}/health/live").status_code == 200

    def test_the_server_is_not_ready_while_storage_can_only_be_read(self, serve: Serve, tmp_path: Path):
        server = serve()
        with closing(sqlite3.connect(tmp_path / "chat.db")) as database:
            database.execute("ALTER TABLE health RENAME TO away")
            assert httpx.get(f"{server.url}/health/ready").json()["storage"] is False
            database.execute("ALTER TABLE away RENAME TO health")
        deadline = time.monotonic() + 10
        while httpx.get(f"{server.url}/health/ready").status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def figures(server: ApiServer) -> dict[str, float]:
    """The metrics, by name and labels."""
    response = httpx.get(f"{server.url}/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain")
    return {name: float(value) for name, value in re.findall(r"^([^#\s]\S*) (\S+)$", response.text, re.MULTILINE)}


class TestFigures:
    @pytest.fixture
    def server(self, serve: Serve) -> ApiServer:
        return serve()

    def test_figures_count_answers_by_outcome_and_tokens(
        self, upstream: FakeUpstream, server: ApiServer, connect: Connect
    ):
        upstream.fail(500)
        upstream.answer("Hello")
        for _ in range(2):
            connect(server).post("Hi")
        after = figures(server)
        assert after['chat_answers_total{outcome="complete"}'] == after['chat_answers_total{outcome="upstream"}'] == 1
        assert (after['chat_tokens_total{kind="prompt"}'], after['chat_tokens_total{kind="completion"}']) == (11, 7)
        assert (after["chat_first_token_seconds_count"], after["chat_answer_seconds_count"]) == (1, 2)

    def test_figures_count_refusals_by_reason(self, server: ApiServer, connect: Connect):
        program = connect(server)
        program.post(" ")
        program.post("Hi", {"Origin": "https://evil.example"})
        program.post("Hi", {"Authorization": "Bearer guess"})
        after = figures(server)
        reasons = ("invalid", "forbidden", "unauthorized")
        assert [after[f'chat_rejected_total{{reason="{reason}"}}'] for reason in reasons] == [1, 1, 1]

    def test_figures_show_what_is_going_on(self, upstream: FakeUpstream, server: ApiServer, connect: Connect):
        upstream.hold(after=1)
        with connect(server).following("Hi") as frames:
            next(frames)
            during = figures(server)
            upstream.release()
            assert list(frames)
        after = figures(server)
        assert (during["chat_answers_running"], during["chat_open_streams"]) == (1, 1)
        assert (after["chat_answers_running"], after["chat_open_streams"]) == (0, 0)

    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ({}, 200),
            (ELSEWHERE, 401),
            ({**ELSEWHERE, "Cookie": new_cookie()}, 401),
            ({**ELSEWHERE, "Authorization": "Bearer guess"}, 401),
            ({**ELSEWHERE, "Authorization": f"Bearer {PROGRAM_KEY}"}, 200),
        ],
    )
    def test_figures_are_for_this_machine_and_keys(self, server: ApiServer, headers: dict[str, str], status: int):
        assert httpx.get(f"{server.url}/metrics", headers=headers).status_code == status


class TestLog:
    def test_each_answer_has_a_line_in_the_log(self, upstream: FakeUpstream, program: StreamClient, lines: list[str]):
        reply = program.post("What about swordfish?")
        (line,) = (json.loads(line) for line in lines if "answer ended" in line)
        assert (line["answer"], line["request"]) == (reply.done["id"], reply.headers["x-request-id"])
        assert (line["outcome"], line["model"], line["level"]) == ("complete", "fake-model", "info")
        assert (line["prompt_tokens"], line["completion_tokens"]) == (11, 7)
        assert 0 <= line["first_token"] <= line["duration"] < 10
        assert not any("swordfish" in line or reply.text in line for line in lines)

    def test_an_errors_cause_is_in_the_log_under_the_requests_id(
        self, upstream: FakeUpstream, program: StreamClient, lines: list[str]
    ):
        upstream.fail(500, "secret detail")
        reply = program.post("Hi")
        known = [line for line in map(json.loads, lines) if line["request"] == reply.headers["x-request-id"]]
        (cause,) = (line["exception"] for line in known if "exception" in line)
        (outcome,) = (line["outcome"] for line in known if "outcome" in line)
        assert "secret detail" in cause
        assert outcome == "upstream"

    def test_the_log_for_people_is_text(self):
        record = logging.LogRecord("chat_app", logging.INFO, "", 0, "answer %s", ("ended",), None)
        record.fields = {"outcome": "complete", "duration": 1.5, "model": "", "first_token": None}
        line = TextFormatter().format(record)
        assert re.fullmatch(r"[\d-]{10} [\d:]{8} INFO answer ended outcome=complete duration=1.5", line)
