"""``/stream`` with failing or odd model servers: each response becomes text or a named error."""

import socket
from collections.abc import Callable
from typing import Any

import pytest

from tests.fake_upstream import USAGE, FakeUpstream, chunk
from tests.oddities import BEFORE_THE_FIRST_WORD, DONE, HI, IN_THE_MIDDLE, ODD_BUT_WHOLE, Plan, status
from tests.server import KEY, ApiServer
from tests.stream_client import Reply, StreamClient

Serve = Callable[..., ApiServer]
Connect = Callable[..., StreamClient]


@pytest.fixture(params=["get", "post"])
def ask(request: pytest.FixtureRequest, program: StreamClient) -> Callable[..., Reply]:
    """Ask by GET or by POST."""
    return getattr(program, request.param)


def answers_plainly(upstream: FakeUpstream) -> None:
    message = {"role": "assistant", "content": "Hi"}
    upstream.plain_json(
        {"model": "fake-model", "choices": [{"message": message, "finish_reason": "stop"}], "usage": USAGE}
    )


def sends_empty_choices(upstream: FakeUpstream) -> None:
    oddities: list[dict[str, Any]] = [chunk({}, choices=[]), chunk({}, choices=None), chunk(None)]
    upstream.answer_chunks([*oddities, chunk({"content": "Hi"}), *oddities, chunk(None, "stop", usage=USAGE)])


class TestOddButWhole:
    @pytest.mark.parametrize("plan", [answers_plainly, sends_empty_choices])
    def test_an_answer_of_an_odd_upstream_arrives(self, upstream: FakeUpstream, ask: Callable[..., Reply], plan: Plan):
        plan(upstream)
        reply = ask("Hello")
        assert (reply.text, reply.done["status"], reply.done["usage"]) == ("Hi", "complete", USAGE)

    @pytest.mark.parametrize("oddity", ODD_BUT_WHOLE)
    def test_an_odd_stream_arrives_whole(self, upstream: FakeUpstream, program: StreamClient, oddity: str):
        odd = ODD_BUT_WHOLE[oddity]
        odd.plan(upstream)
        reply = program.post("Hello", reasoning=True)
        assert (reply.text, reply.reasoning) == (odd.text, odd.reasoning)
        assert (reply.done["status"], reply.done["finish_reason"]) == ("complete", odd.reason)
        if odd.usage:
            assert tuple(reply.done["usage"].values()) == odd.usage


def test_a_count_that_no_database_could_keep_is_cut(upstream: FakeUpstream, program: StreamClient):
    usage = {"prompt_tokens": 10**30, "completion_tokens": -1, "total_tokens": 10**30}
    upstream.answer("Hi", usage=usage)
    largest = 2**53 - 1
    counted = {"prompt_tokens": largest, "completion_tokens": 0, "total_tokens": largest}
    assert program.post("Hello").done["usage"] == counted


class TestFailingInTheMiddle:
    @pytest.mark.parametrize(
        ("code", "ending"),
        IN_THE_MIDDLE,
    )
    def test_text_before_a_failure_stands_and_the_error_follows(
        self, upstream: FakeUpstream, ask: Callable[..., Reply], code: str, ending: str
    ):
        upstream.raw_lines([HI, "", ending, "", DONE, ""])
        reply = ask("Hello")
        assert (reply.status, reply.text, reply.error["code"]) == (200, "Hi", code)
        assert (reply.done["status"], reply.done["finish_reason"]) == ("failed", "error")
        assert "secret" not in reply.body

    def test_an_end_without_a_reason_is_truncated(self, upstream: FakeUpstream, ask: Callable[..., Reply]):
        upstream.answer("Hello the", finish_reason=None, usage=None, done=False)
        reply = ask("Hello")
        assert (reply.text, reply.error["code"], reply.error["retryable"]) == ("Hello the", "truncated", True)

    def test_a_reset_in_the_middle_is_truncated(self, upstream: FakeUpstream, ask: Callable[..., Reply]):
        upstream.reset_after(2, "Hello there")
        reply = ask("Hello")
        assert (reply.text, reply.error["code"], reply.error["retryable"]) == ("Hello th", "truncated", True)

    def test_a_gap_in_the_middle_is_a_time_out(self, upstream: FakeUpstream, serve: Serve, connect: Connect):
        program = connect(serve(token_gap_timeout=0.5))
        upstream.answer("Hello there", chunk_size=6)
        upstream.hold(after=1)
        reply = program.post("Hello")
        assert (reply.text, reply.error["code"]) == ("Hello ", "timeout")
        assert upstream.wait_closed()

    def test_an_answer_as_a_whole_has_a_time_limit(self, upstream: FakeUpstream, serve: Serve, connect: Connect):
        program = connect(serve(answer_timeout=0.3))
        upstream.answer("Hello there" * 100, delay=0.01)
        reply = program.post("Hello")
        assert reply.text.startswith("Hello")
        assert reply.error["code"] == "timeout"


class TestFailingBeforeTheFirstWord:
    @pytest.mark.parametrize("oddity", BEFORE_THE_FIRST_WORD)
    def test_a_post_that_fails_before_the_first_word_gets_a_status(
        self, upstream: FakeUpstream, program: StreamClient, oddity: str
    ):
        plan, code, expected = BEFORE_THE_FIRST_WORD[oddity]
        plan(upstream)
        reply = program.post("Hello")
        assert (reply.status, reply.error["code"]) == (expected, code)
        assert reply.headers["content-type"] == "application/json"
        assert says_nothing_of_the_upstream(reply)

    @pytest.mark.parametrize("oddity", BEFORE_THE_FIRST_WORD)
    def test_a_get_that_fails_before_the_first_word_gets_the_error_in_the_stream(
        self, upstream: FakeUpstream, program: StreamClient, oddity: str
    ):
        plan, code, _ = BEFORE_THE_FIRST_WORD[oddity]
        plan(upstream)
        reply = program.get("Hello")
        assert (reply.status, reply.error["code"], reply.text) == (200, code, "")
        assert (reply.done["status"], reply.done["finish_reason"]) == ("failed", "error")
        assert says_nothing_of_the_upstream(reply)

    def test_a_rate_limit_says_how_long_to_wait(self, upstream: FakeUpstream, program: StreamClient):
        plan = status(429, headers={"Retry-After": "7"})
        plan(upstream)
        reply = program.post("Hello")
        assert (reply.error["retry_after"], reply.headers["retry-after"], reply.error["retryable"]) == (7, "7", True)
        plan(upstream)
        assert program.get("Hello").error["retry_after"] == 7

    @pytest.mark.parametrize(("method", "expected"), [("post", 504), ("get", 200)])
    def test_silence_before_the_first_word_is_a_time_out(
        self, upstream: FakeUpstream, serve: Serve, connect: Connect, method: str, expected: int
    ):
        program = connect(serve(first_token_timeout=0.5))
        upstream.silent()
        reply = getattr(program, method)("Hello")
        assert (reply.status, reply.error["code"]) == (expected, "timeout")
        assert upstream.wait_closed()

    @pytest.mark.parametrize(("method", "expected"), [("post", 503), ("get", 200)])
    def test_a_refused_connection_is_unreachable(self, serve: Serve, connect: Connect, method: str, expected: int):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        program = connect(serve(upstream_url=f"http://127.0.0.1:{port}/v1"))
        reply = getattr(program, method)("Hello")
        assert (reply.status, reply.error["code"]) == (expected, "unreachable")
        assert str(port) not in reply.body

    def test_reasoning_before_the_error_is_a_beginning(self, upstream: FakeUpstream, program: StreamClient):
        upstream.answer_chunks([chunk({"reasoning": "Hm"}), {"error": {"message": "no"}}])
        reply = program.post("Hello")
        assert (reply.status, reply.error["code"]) == (200, "upstream")

    def test_the_log_has_the_cause_of_a_failure_under_the_answers_id(
        self, upstream: FakeUpstream, program: StreamClient, caplog: pytest.LogCaptureFixture
    ):
        status(500)(upstream)
        reply = program.get("Hello")
        about = [record for record in caplog.records if reply.done["id"] in record.getMessage()]
        (record,) = (record for record in about if record.exc_info)
        assert record.exc_info
        assert "secret detail" in str(record.exc_info[1])


def says_nothing_of_the_upstream(reply: Reply) -> bool:
    return not any(word in reply.body for word in ("secret", "detail", KEY, KEY[-6:], "127.0.0.1", "Traceback"))


def test_options_reach_the_model(ask: Callable[..., Reply], upstream: FakeUpstream):
    options: dict[str, Any] = {"temperature": 0.5, "top_p": 0.9, "max_tokens": 7, "reasoning_effort": "low"}
    reply = ask("Hello", instructions="Be brief.", **options)
    assert reply.done["status"] == "complete"
    sent = upstream.requests[0].body
    assert {name: sent.get(name) for name in options} == options
    assert sent["messages"][0]["content"].endswith("\n\nBe brief.")


def test_an_option_that_the_model_refuses_is_an_error(ask: Callable[..., Reply], upstream: FakeUpstream):
    upstream.fail(400, {"error": {"message": "temperature is not supported", "param": "temperature"}})
    reply = ask("Hello", temperature=0.5)
    assert reply.error["code"] == "option_refused"
    assert upstream.calls == 1
