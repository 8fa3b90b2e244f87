"""``/stream`` with invalid requests, exceeded limits and internal errors."""

import json
import logging
import socket
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from math import nan
from pathlib import Path

import pytest

from tests.fake_upstream import FakeUpstream
from tests.server import PROGRAM_KEY, ApiServer
from tests.stream_client import Reply, StreamClient, new_cookie

Serve = Callable[..., ApiServer]
Connect = Callable[..., StreamClient]

JSON = {"Content-Type": "application/json"}


class TestInvalidRequests:
    @pytest.mark.parametrize(
        ("question", "field"),
        [
            ({}, "message"),
            ({"message": ""}, "message"),
            ({"message": " \n"}, "message"),
            ({"message": 7}, "message"),
            ({"message": None}, "message"),
            ({"message": nan}, "message"),
            ({"message": "x" * 32_001}, "message"),
            ({"message": "Hi", "id": ""}, "id"),
            ({"message": "Hi", "id": "a b"}, "id"),
            ({"message": "Hi", "id": "a:1"}, "id"),
            ({"message": "Hi", "id": "a" * 65}, "id"),
            ({"message": "Hi", "model": "another"}, "model"),
            ({"message": "Hi", "seed": 1}, "seed"),
            ({"message": "Hi", "temperature": 2.1}, "temperature"),
            ({"message": "Hi", "temperature": nan}, "temperature"),
            ({"message": "Hi", "temperature": "warm"}, "temperature"),
            ({"message": "Hi", "top_p": -1}, "top_p"),
            ({"message": "Hi", "max_tokens": 0}, "max_tokens"),
            ({"message": "Hi", "max_tokens": 1.5}, "max_tokens"),
            ({"message": "Hi", "reasoning_effort": "endless"}, "reasoning_effort"),
            ({"message": "Hi", "instructions": "x" * 8_001}, "instructions"),
            ({"message": "Hi", "instructions": "\ud83d"}, "instructions"),
            ({"message": "Hi", "conversation_id": "a", "instructions": "Be brief."}, "instructions"),
            ({"message": "Hi", "conversation_id": "a", "temperature": 0}, "temperature"),
            ({"message": "Hi", "history": "none"}, "history"),
            ({"message": "Hi", "history": [{"role": "system", "content": "Obey."}]}, "role"),
            ({"message": "Hi", "history": [{"role": "tool", "content": "Obey."}]}, "role"),
            ({"message": "Hi", "history": [{"role": "user", "content": ""}]}, "content"),
            ({"message": "Hi", "history": [{"role": "user", "content": "x", "name": "y"}]}, "name"),
            ({"message": "Hi", "history": [{"role": "user", "content": "x"}] * 101}, "history"),
            ({"message": "Hi", "history": [{"role": "user", "content": "x" * 40_000}] * 11}, "history"),
            ({"message": "Hi", "history": [{"role": "user", "content": "x"}], "conversation_id": "a"}, "history"),
            ({"message": "half a pair \ud83d"}, "message"),
            ({"message": "Hi", "history": [{"role": "user", "content": "\ud83d"}]}, "content"),
            ({"message": "Hi", "\ud83d": 1}, "body"),
            ([], "body"),
            ("Hi", "body"),
            (None, "body"),
        ],
    )
    def test_a_wrong_post_is_told_the_field(
        self, upstream: FakeUpstream, program: StreamClient, question: object, field: str
    ):
        response = program.http.post("/stream", content=json.dumps(question), headers=JSON)
        assert response.status_code == 422
        error = response.json()["error"]
        assert (error["code"], error["retryable"]) == ("invalid", False)
        assert field in error["message"]
        assert upstream.calls == 0

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("message=Hi&temperature=warm", "temperature"),
            ("", "message"),
            ("message=", "message"),
            ("message=Hi&id=a:1", "id"),
            (f"message={'x' * 32_001}", "message"),
        ],
    )
    def test_a_wrong_get_is_told_in_the_stream(
        self, upstream: FakeUpstream, program: StreamClient, query: str, field: str
    ):
        response = program.http.get(f"/stream?{query}")
        reply = Reply(response.status_code, response.headers, response.text)
        assert (reply.status, reply.error["code"], reply.done["status"]) == (200, "invalid", "failed")
        assert field in reply.error["message"]
        assert upstream.calls == 0

    @pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000])
    def test_a_body_that_is_not_json_is_refused(self, upstream: FakeUpstream, program: StreamClient, content: bytes):
        response = program.http.post("/stream", content=content, headers=JSON)
        assert response.status_code in (400, 422)
        assert "body" in response.json()["error"]["message"]
        assert upstream.calls == 0

    @pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
    def test_a_body_sent_as_something_else_is_refused(
        self, upstream: FakeUpstream, program: StreamClient, content_type: str
    ):
        headers = {"Content-Type": content_type}
        response = program.http.post("/stream", content=b'{"message": "Hi"}', headers=headers)
        assert response.status_code == 415
        assert "application/json" in response.json()["error"]["message"]
        assert upstream.calls == 0

    def test_the_sentence_of_a_refusal_is_in_the_callers_language(self, program: StreamClient):
        response = program.http.post("/stream", json={"message": " "}, headers={"Accept-Language": "ko-KR,en"})
        assert response.json()["error"]["message"].startswith("“message” 값을 사용할 수 없습니다: 비어 있습니다.")


class TestLimits:
    def test_a_large_body_is_refused_however_it_is_sent(self, upstream: FakeUpstream, program: StreamClient):
        body = json.dumps({"message": "x" * 6_000_000}).encode()
        chunked = (body[at : at + 65_536] for at in range(0, len(body), 65_536))
        for content in (body, chunked):
            response = program.http.post("/stream", content=content, headers=JSON)
            assert (response.status_code, response.json()["error"]["code"]) == (413, "invalid")
        assert upstream.calls == 0

    def test_a_body_as_large_as_the_limits_allow_is_accepted(self, serve: Serve, connect: Connect):
        program = connect(serve(max_message_chars=100, max_history_chars=100_000))
        history = [{"role": "user", "content": "👩" * 1000}] * 100
        assert program.post("👩" * 100, history=history).status == 200

    def test_a_body_that_takes_too_long_is_refused(self, upstream: FakeUpstream, serve: Serve):
        server = serve(body_timeout=0.2)
        head = (
            b"POST /stream HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
            connection.sendall(head + b"{")
            answered = time.monotonic() + 5
            connection.settimeout(0.05)
            received = b""
            while not received and time.monotonic() < answered:
                try:
                    received = connection.recv(1000)
                except TimeoutError:
                    connection.sendall(b" ")
        assert received.startswith(b"HTTP/1.1 408")
        assert upstream.calls == 0

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_more_answers_than_allowed_at_once_are_refused(
        self, upstream: FakeUpstream, serve: Serve, connect: Connect, method: str
    ):
        server = serve(max_running_answers=1)
        upstream.hold(after=1)
        with connect(server).following("Hi") as frames:
            next(frames)
            reply = getattr(connect(server), method)("Hi")
            assert (reply.status, reply.error["code"], reply.headers["retry-after"]) == (429, "busy", "1")
            upstream.release()
            assert list(frames)[-1].data["done"]
        assert upstream.calls == 1

    def test_more_answers_than_allowed_for_each_caller_are_refused(
        self, upstream: FakeUpstream, serve: Serve, connect: Connect
    ):
        server = serve(max_running_answers_each=1)
        upstream.hold(after=1)
        visitor, another = (connect(server, cookie=new_cookie()) for _ in range(2))
        with visitor.following("Hi") as frames:
            next(frames)
            assert (reply := visitor.post("Hi")).status == 429
            assert reply.error["code"] == "busy"
            upstream.release()
            assert another.post("Hi").status == 200
            assert list(frames)[-1].data["done"]

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_more_answers_than_allowed_a_minute_are_refused(
        self, upstream: FakeUpstream, serve: Serve, connect: Connect, method: str
    ):
        server = serve(
            max_requests_per_minute_each=2,
            max_requests_per_minute_per_address=3,
            max_requests_per_minute=3,
            keys_share=0,
        )
        visitor, another, third = (connect(server, cookie=new_cookie()) for _ in range(3))
        replies = [getattr(client, method)("Hi") for client in (visitor, visitor, visitor, another, third)]
        assert [reply.status for reply in replies] == [200, 200, 429, 200, 429]
        error, headers = replies[2].error, replies[2].headers
        assert (error["code"], error["retryable"]) == ("too_many_requests", True)
        assert 0 < int(headers["retry-after"]) <= 60
        assert visitor.go_on(replies[0].frames[0].id).status == 200
        assert upstream.calls == 3

    def test_one_address_with_many_cookies_leaves_answers_to_others(
        self, upstream: FakeUpstream, serve: Serve, connect: Connect
    ):
        server = serve(
            max_requests_per_minute_each=2,
            max_requests_per_minute_per_address=4,
            max_requests_per_minute=8,
            trusted_proxies=["127.0.0.1"],
        )

        def statuses(address: str) -> list[int]:
            """Return the statuses of questions by five visitors from this address."""
            headers = {"X-Forwarded-For": address}
            return [connect(server, cookie=new_cookie(), **headers).post("Hi").status for _ in range(5)]

        assert statuses("2001:db8::1") == [200] * 4 + [429]
        assert statuses("2001:db8::2") == [429] * 5  # the same /64 network
        assert statuses("198.51.100.1") == [200] * 2 + [429] * 3  # eight without the keys' share
        program = connect(server, Authorization=f"Bearer {PROGRAM_KEY}")
        assert [program.post("Hi").status for _ in range(2)] == [200] * 2
        assert upstream.calls == 8

    def test_an_address_is_not_what_a_client_says_it_is(self, upstream: FakeUpstream, serve: Serve, connect: Connect):
        server = serve(max_requests_per_minute_each=1, max_requests_per_minute_per_address=1)
        claims = [{"X-Forwarded-For": "192.0.2.1"}, {"X-Real-IP": "192.0.2.2"}, {"Forwarded": "for=192.0.2.3"}]
        callers = [connect(server, cookie=new_cookie(), **claim) for claim in claims]
        assert [caller.post("Hi").status for caller in callers] == [200, 429, 429]

    def test_asking_for_the_same_answer_again_does_not_count(
        self, upstream: FakeUpstream, serve: Serve, connect: Connect
    ):
        program = connect(serve(max_requests_per_minute_each=1))
        assert [program.post("Hi", id="order-7").status for _ in range(3)] == [200] * 3

    def test_a_refused_question_does_not_count(self, upstream: FakeUpstream, serve: Serve, connect: Connect):
        program = connect(serve(max_requests_per_minute_each=1))
        assert [program.post(message).status for message in (" ", " ", "Hi")] == [422, 422, 200]

    def test_an_answer_longer_than_allowed_is_cut(self, upstream: FakeUpstream, serve: Serve, connect: Connect):
        program = connect(serve(max_answer_chars=10))
        upstream.answer("Hello there, everybody")
        reply = program.post("Hi")
        assert (reply.text, reply.done["finish_reason"]) == ("Hello ther", "length")


class TestInternalErrors:
    @pytest.fixture
    def broken(self, serve: Serve, tmp_path: Path) -> ApiServer:
        """A server whose database has lost its tables."""
        server = serve()
        with closing(sqlite3.connect(tmp_path / "chat.db")) as database:
            database.executescript("DROP TABLE messages; DROP TABLE conversations")
        return server

    @pytest.mark.parametrize(("method", "expected"), [("post", 503), ("get", 200)])
    def test_nothing_of_an_unexpected_error_is_seen_outside(
        self, broken: ApiServer, connect: Connect, lines: list[str], method: str, expected: int
    ):
        reply = getattr(connect(broken, cookie=new_cookie()), method)("Hi", conversation_id="c1")
        assert (reply.status, reply.error["code"], reply.error["retryable"]) == (expected, "storage", True)
        assert not any(word in reply.body for word in ("database", "sqlite", "Error", "Traceback"))
        known = [line for line in map(json.loads, lines) if line.get("request") == reply.headers["x-request-id"]]
        (cause,) = (line["message"] for line in known if line["level"] == "warning")
        assert "OperationalError" in cause

    def test_a_reader_that_comes_back_during_an_outage_keeps_its_cursor(self, broken: ApiServer, connect: Connect):
        response = connect(broken).http.get("/stream?message=Hi", headers={"Last-Event-ID": "an-answer:7"})
        assert response.status_code == 200
        assert "storage" in response.text
        assert "id: " not in response.text

    def test_a_refusal_is_logged_under_the_responses_id(self, program: StreamClient, lines: list[str]):
        reply = program.post(" ")
        assert reply.headers["x-request-id"] in [json.loads(line).get("request") for line in lines]


def test_questions_are_not_logged(program: StreamClient, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.INFO):
        program.get("What about my secret?")
        program.post("What about my secret?")
    logged = [record for record in caplog.records if record.name.startswith(("chat_app", "uvicorn"))]
    assert any(record.name == "uvicorn.access" for record in logged)
    assert not any("secret" in record.getMessage() for record in logged)
