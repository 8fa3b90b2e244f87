"""``/stream`` with a model server that is asked through the Responses API."""

from collections.abc import Callable, Iterator

import pytest

from tests.fake_upstream import USAGE, FakeUpstream
from tests.oddities import BEFORE_THE_FIRST_WORD
from tests.response_oddities import FAILED_RESPONSES, HELLO, ODD_RESPONSES
from tests.server import KEY, ApiServer
from tests.stream_client import StreamClient

MISSING = "status 404"  # then chat completions are asked


@pytest.fixture(scope="module")
def responses_server(upstream_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    base_url = f"http://127.0.0.1:{upstream_port}/v1"
    with ApiServer(base_url, tmp_path_factory.mktemp("server"), openai_api="responses") as server:
        yield server


@pytest.fixture
def program(connect: Callable[..., StreamClient], responses_server: ApiServer, upstream: FakeUpstream) -> StreamClient:
    return connect(responses_server)


def test_an_answer_with_reasoning_arrives(upstream: FakeUpstream, program: StreamClient):
    upstream.answer("Hello there", reasoning="Let me see.")
    reply = program.get("Hello", reasoning=True)
    assert (reply.reasoning, reply.text, reply.done["usage"]) == ("Let me see.", "Hello there", USAGE)
    assert (reply.done["status"], reply.done["finish_reason"], reply.done["model"]) == (
        "complete",
        "stop",
        "fake-model",
    )
    assert upstream.requests[0].target == "/v1/responses"


@pytest.mark.parametrize("oddity", ODD_RESPONSES)
def test_an_odd_stream_arrives_whole(upstream: FakeUpstream, program: StreamClient, oddity: str):
    odd = ODD_RESPONSES[oddity]
    odd.plan(upstream)
    reply = program.post("Hello", reasoning=True)
    assert (reply.text, reply.reasoning) == (odd.text, odd.reasoning)
    assert (reply.done["status"], reply.done["finish_reason"]) == ("complete", odd.reason)
    if odd.usage:
        assert tuple(reply.done["usage"].values()) == odd.usage


@pytest.mark.parametrize(("code", "ending"), FAILED_RESPONSES)
def test_text_before_a_failure_stands_and_the_error_follows(
    upstream: FakeUpstream, program: StreamClient, code: str, ending: str
):
    upstream.raw_lines([HELLO, "", ending, ""])
    reply = program.post("Hello")
    assert (reply.status, reply.text, reply.error["code"]) == (200, "Hi", code)
    assert (reply.done["status"], reply.done["finish_reason"]) == ("failed", "error")
    assert "secret" not in reply.body


def test_a_reset_in_the_middle_is_truncated(upstream: FakeUpstream, program: StreamClient):
    upstream.reset_after(2, "Hello there")
    reply = program.post("Hello")
    assert (reply.text, reply.error["code"], reply.error["retryable"]) == ("Hello th", "truncated", True)


@pytest.mark.parametrize("oddity", [each for each in BEFORE_THE_FIRST_WORD if each != MISSING])
def test_a_failure_before_the_first_word_is_a_status(upstream: FakeUpstream, program: StreamClient, oddity: str):
    plan, code, expected = BEFORE_THE_FIRST_WORD[oddity]
    plan(upstream)
    reply = program.post("Hello")
    assert (reply.status, reply.error["code"]) == (expected, code)
    assert not any(word in reply.body for word in ("secret", "detail", KEY, KEY[-6:]))


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_search_of_the_web_is_an_option_and_its_sources_are_parts(
    upstream: FakeUpstream, program: StreamClient, method: str
):
    cited = {"type": "url_citation", "url": "https://a.example", "title": "A"}
    upstream.answer("It rains.", annotations=[cited])
    reply = getattr(program, method)("Does it rain?", web_search=True, parts=True)
    assert upstream.requests[0].body["tools"] == [{"type": "web_search"}]
    parts = [frame.data["part"] for frame in reply.frames if "part" in frame.data]
    assert parts == [{"kind": "source", "title": "A", "url": "https://a.example"}]


def test_a_search_of_the_web_is_refused_where_no_model_can(
    upstream: FakeUpstream, server: ApiServer, connect: Callable[..., StreamClient]
):
    reply = connect(server).post("Does it rain?", web_search=True)
    assert (reply.error["code"], upstream.calls) == ("option_refused", 0)
