"""``/v1`` with the OpenAI SDK: completions, streams, options, errors, models."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import openai
import pytest
from openai import OpenAI

from tests.fake_upstream import FakeUpstream, chunk
from tests.server import MODEL, PROGRAM_KEY, ApiServer
from tests.stream_client import new_cookie

Serve = Callable[..., ApiServer]

HELLO: list[Any] = [{"role": "user", "content": "Hello"}]

# Unsupported parameters of OpenAI's API.
REFUSED: list[tuple[str, Any]] = [
    ("n", 2),
    ("n", True),
    ("tools", [{"type": "function", "function": {"name": "f"}}]),
    ("tool_choice", "required"),
    ("functions", [{"name": "f"}]),
    ("response_format", {"type": "xml"}),
    ("response_format", {}),
    ("modalities", ["text", "audio"]),
    ("audio", {"voice": "alloy", "format": "wav"}),
    ("logprobs", True),
    ("top_logprobs", 2),
    ("logit_bias", {"1": 5}),
    ("frequency_penalty", 0.5),
    ("presence_penalty", 0.5),
    ("reasoning_effort", "endless"),
    ("verbosity", "low"),
    ("prediction", {"type": "content", "content": "x"}),
    ("web_search_options", {}),
    ("store", True),
    ("service_tier", "flex"),
]


def connect(server: ApiServer, key: str = PROGRAM_KEY) -> OpenAI:
    return OpenAI(api_key=key, base_url=f"{server.url}/v1", max_retries=0)


@pytest.fixture
def client(server: ApiServer, upstream: FakeUpstream) -> Iterator[OpenAI]:
    with connect(server) as client:
        yield client


@pytest.fixture
def impatient(serve: Serve) -> Iterator[OpenAI]:
    """A client of a server that soon ends abandoned answers."""
    with connect(serve(abandoned_answer_grace=0.05)) as client:
        yield client


class TestWhole:
    def test_a_completion_comes_in_one_piece(self, client: OpenAI):
        completion = client.chat.completions.create(model=MODEL, messages=HELLO)
        (choice,) = completion.choices
        assert (choice.message.content, choice.finish_reason) == ("Hello from the fake upstream.", "stop")
        assert completion.usage
        assert (completion.usage.prompt_tokens, completion.usage.total_tokens) == (11, 18)
        assert (completion.object, completion.model) == ("chat.completion", MODEL)

    def test_reasoning_is_apart_from_a_completions_text(self, upstream: FakeUpstream, client: OpenAI):
        upstream.answer("Yes.", reasoning="Hm, let me think.")
        message = client.chat.completions.create(model=MODEL, messages=HELLO).choices[0].message
        assert message.content == "Yes."
        assert message.model_extra == {"reasoning_content": "Hm, let me think."}

    def test_thoughts_with_their_closing_tag_alone_are_reasoning(
        self, upstream: FakeUpstream, serve: Callable[..., ApiServer]
    ):
        server = serve()  # whose model has shown nothing of this yet
        upstream.answer("Hm, let me think.\n</think>\n\nYes.")
        client = OpenAI(base_url=f"{server.url}/v1", api_key=PROGRAM_KEY, max_retries=0)
        message = client.chat.completions.create(model=MODEL, messages=HELLO).choices[0].message
        assert message.content == "Yes."
        assert message.model_extra == {"reasoning_content": "Hm, let me think."}

    def test_a_completion_cut_at_the_length_limit_says_so(self, upstream: FakeUpstream, client: OpenAI):
        upstream.answer("Half a sent", finish_reason="length")
        assert client.chat.completions.create(model=MODEL, messages=HELLO).choices[0].finish_reason == "length"

    def test_a_failure_in_the_middle_of_a_completion_is_an_error(self, upstream: FakeUpstream, client: OpenAI):
        upstream.answer_chunks([chunk({"content": "Hi"}), {"error": {"message": "secret detail"}}])
        with pytest.raises(openai.InternalServerError) as caught:
            client.chat.completions.create(model=MODEL, messages=HELLO)
        assert "secret" not in str(caught.value)

    def test_a_client_that_leaves_ends_the_completion(self, upstream: FakeUpstream, impatient: OpenAI):
        upstream.hold(after=1)
        with pytest.raises(openai.APITimeoutError):
            impatient.chat.completions.create(model=MODEL, messages=HELLO, timeout=0.3)
        assert upstream.wait_calls(1)
        assert upstream.wait_closed()


class TestStream:
    def test_a_streamed_completion_comes_in_pieces(self, upstream: FakeUpstream, client: OpenAI):
        upstream.answer("Hello there", chunk_size=6, reasoning="Hm")
        stream = client.chat.completions.create(model=MODEL, messages=HELLO, stream=True)
        deltas = [(choice.delta, choice.finish_reason) for chunk in stream for choice in chunk.choices]
        assert deltas[0][0].role == "assistant"
        assert [delta.content for delta, _ in deltas if delta.content] == ["Hello ", "there"]
        assert [delta.model_extra for delta, _ in deltas if delta.model_extra] == [{"reasoning_content": "Hm"}]
        assert [reason for _, reason in deltas if reason] == ["stop"]

    def test_usage_comes_last_where_it_is_asked_for(self, client: OpenAI):
        options: Any = {"include_usage": True}
        stream = client.chat.completions.create(model=MODEL, messages=HELLO, stream=True, stream_options=options)
        *_, last = stream
        assert last.usage
        assert (last.choices, last.usage.total_tokens) == ([], 18)

    def test_the_end_of_a_streamed_completion_is_marked(self, server: ApiServer, upstream: FakeUpstream):
        body, headers = {"model": MODEL, "messages": HELLO, "stream": True}, {"Authorization": f"Bearer {PROGRAM_KEY}"}
        response = httpx.post(f"{server.url}/v1/chat/completions", json=body, headers=headers)
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.text.endswith("data: [DONE]\n\n")

    def test_a_failure_in_the_middle_of_a_streamed_completion_follows_the_text(
        self, upstream: FakeUpstream, client: OpenAI
    ):
        upstream.answer_chunks([chunk({"content": "Hi"}), {"error": {"message": "secret detail"}}])
        text = ""
        with pytest.raises(openai.APIError, match="failed to answer") as caught:
            for piece in client.chat.completions.create(model=MODEL, messages=HELLO, stream=True):
                text += piece.choices[0].delta.content or ""
        assert text == "Hi"
        assert caught.value.code == "upstream"

    def test_a_client_that_leaves_ends_the_streamed_completion(self, upstream: FakeUpstream, impatient: OpenAI):
        upstream.hold(after=1)
        with impatient.chat.completions.create(model=MODEL, messages=HELLO, stream=True) as stream:
            next(iter(stream))
        assert upstream.wait_closed()


class TestMessages:
    def test_messages_reach_the_model_in_their_order(self, upstream: FakeUpstream, client: OpenAI):
        turns: list[Any] = [{"role": "user", "content": "One?"}, {"role": "assistant", "content": "One."}]
        client.chat.completions.create(model=MODEL, messages=[*turns, {"role": "user", "content": "둘?"}])
        assert upstream.requests[0].body["messages"][1:] == [*turns, {"role": "user", "content": "둘?"}]

    @pytest.mark.parametrize("role", ["system", "developer"])
    def test_a_system_message_becomes_part_of_the_question(self, upstream: FakeUpstream, client: OpenAI, role: str):
        messages: list[Any] = [{"role": role, "content": "Be brief."}, *HELLO]
        client.chat.completions.create(model=MODEL, messages=messages)
        system, question = upstream.requests[0].body["messages"]
        assert (system["role"], "Be brief." in system["content"]) == ("system", False)
        assert question == {"role": "user", "content": "Be brief.\n\nHello"}

    def test_messages_may_be_in_parts(self, upstream: FakeUpstream, client: OpenAI):
        parts: Any = [{"type": "text", "text": "Hel"}, {"type": "text", "text": "lo"}]
        client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": parts}])
        assert upstream.requests[0].last_message == "Hello"

    def test_a_system_message_at_the_end_is_part_of_the_question(self, upstream: FakeUpstream, client: OpenAI):
        client.chat.completions.create(model=MODEL, messages=[*HELLO, {"role": "system", "content": "Be brief."}])
        assert upstream.requests[0].last_message == "Hello\n\nBe brief."

    def test_an_answer_can_be_sent_back_as_it_came(self, upstream: FakeUpstream, client: OpenAI):
        upstream.answer("Yes.", reasoning="Hm.")
        answer = client.chat.completions.create(model=MODEL, messages=HELLO).choices[0].message
        messages: list[Any] = [*HELLO, answer.model_dump(), *HELLO]
        client.chat.completions.create(model=MODEL, messages=messages)
        assert upstream.requests[1].body["messages"][1:] == [*HELLO, {"role": "assistant", "content": "Yes."}, *HELLO]

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"messages": []}, "messages"),
            ({"messages": [{"role": "tool", "content": "x", "tool_call_id": "y"}]}, "messages[0].role"),
            ({"messages": [*HELLO, {"role": "assistant", "content": "Hi"}]}, "messages"),
            ({"messages": [{"role": "user", "content": " "}]}, "messages"),
            ({"messages": [{"role": "user"}]}, "messages[0].content"),
            ({"messages": [{"role": "assistant", "content": None}, *HELLO]}, "messages[0].content"),
            ({"messages": [{"role": "user", "content": "Hi", "name": "Ann"}]}, "messages[0].name"),
            (
                {"messages": [*HELLO, {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]},
                "messages[1].content[0].type",
            ),
            *(({name: value}, name) for name, value in REFUSED),
            ({"stream": True, "stream_options": {"include_obfuscation": True}}, "stream_options.include_obfuscation"),
            ({"extra_body": {"top_k": 40}}, "top_k"),
            ({"max_tokens": 1, "max_completion_tokens": 1}, "max_completion_tokens"),
        ],
    )
    def test_a_parameter_that_can_not_be_honoured_is_refused_by_name(
        self, upstream: FakeUpstream, client: OpenAI, changes: dict[str, Any], field: str
    ):
        with pytest.raises(openai.BadRequestError) as caught:
            client.chat.completions.create(**{"model": MODEL, "messages": HELLO, **changes})
        assert (caught.value.param, caught.value.response.headers["x-should-retry"]) == (field, "false")
        assert f"“{field}”" in caught.value.message
        assert upstream.calls == 0

    @pytest.mark.parametrize(
        "messages",
        [[{"role": "user", "content": "x" * 40_000}], HELLO * 102, [{"role": "user", "content": "x" * 6_000_000}]],
    )
    def test_a_conversation_longer_than_allowed_is_refused_as_openai_does(
        self, upstream: FakeUpstream, client: OpenAI, messages: list[Any]
    ):
        with pytest.raises(openai.BadRequestError) as caught:
            client.chat.completions.create(model=MODEL, messages=messages)
        assert caught.value.code == "context_length_exceeded"
        assert upstream.calls == 0

    def test_a_completion_by_an_unknown_model_is_not_found(self, upstream: FakeUpstream, client: OpenAI):
        with pytest.raises(openai.NotFoundError) as caught:
            client.chat.completions.create(model="another", messages=HELLO)
        assert (caught.value.code, caught.value.param) == ("model_not_found", "model")
        assert upstream.calls == 0

    def test_the_refusals_sentence_is_in_the_callers_language(self, client: OpenAI):
        with pytest.raises(openai.BadRequestError, match="“n” 값을 사용할 수 없습니다: 여기서는 1만 지원합니다"):
            client.chat.completions.create(
                model=MODEL, messages=HELLO, n=2, extra_headers={"Accept-Language": "ko-KR,ko"}
            )


class TestOptions:
    def test_sampling_options_reach_the_model(self, upstream: FakeUpstream, client: OpenAI):
        client.chat.completions.create(
            model=MODEL, messages=HELLO, temperature=0, top_p=0.5, max_completion_tokens=7, stop=["a", "b"], seed=-1
        )
        sent = upstream.requests[0].body
        expected = {"temperature": 0, "top_p": 0.5, "max_tokens": 7, "stop": ["a", "b"], "seed": -1}
        assert {name: sent.get(name) for name in expected} == expected

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("reasoning_effort", "low"),
            ("reasoning_effort", "none"),
            ("response_format", {"type": "json_object"}),
            ("response_format", {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}}}),
        ],
    )
    def test_the_effort_and_the_format_of_an_answer_reach_the_model(
        self, upstream: FakeUpstream, client: OpenAI, name: str, value: object
    ):
        client.chat.completions.create(model=MODEL, messages=HELLO, **{name: value})  # type: ignore[call-overload] - any
        assert upstream.requests[0].body[name] == value

    def test_the_older_name_of_the_limit_and_a_single_stop_sequence_reach_the_model(
        self, upstream: FakeUpstream, client: OpenAI
    ):
        client.chat.completions.create(model=MODEL, messages=HELLO, max_tokens=7, stop="a")
        assert (upstream.requests[0].body["max_tokens"], upstream.requests[0].body["stop"]) == (7, ["a"])

    def test_metadata_and_default_values_are_accepted_and_not_sent_to_the_model(
        self, upstream: FakeUpstream, client: OpenAI
    ):
        nothing: dict[str, Any] = {
            "user": "me",
            "safety_identifier": "me",
            "metadata": {"a": "b"},
            "prompt_cache_key": "k",
            "service_tier": "auto",
            "store": False,
            "n": 1,
            "tools": [],
            "tool_choice": "none",
            "parallel_tool_calls": False,
            "response_format": {"type": "text"},
            "modalities": ["text"],
            "logprobs": False,
            "logit_bias": {},
            "frequency_penalty": 0,
            "presence_penalty": 0.0,
            "temperature": None,
            "stop": None,
            "stream_options": None,
        }
        client.chat.completions.create(model=MODEL, messages=HELLO, **nothing)
        assert upstream.requests[0].body.keys() == {"model", "messages", "stream", "stream_options"}

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("temperature", -0.1),
            ("temperature", 2.1),
            ("temperature", "hot"),
            ("temperature", True),
            ("top_p", 1.1),
            ("max_tokens", 0),
            ("max_completion_tokens", 0),
            ("max_completion_tokens", 1.5),
            ("stop", ["a", "b", "c", "d", "e"]),
            ("stop", 1),
            ("seed", 2**63),
            ("seed", 0.5),
        ],
    )
    def test_a_value_out_of_range_is_refused(self, upstream: FakeUpstream, client: OpenAI, name: str, value: object):
        with pytest.raises(openai.BadRequestError) as caught:
            client.chat.completions.create(model=MODEL, messages=HELLO, **{name: value})  # type: ignore[call-overload] - wrong on purpose
        assert caught.value.param == name
        assert upstream.calls == 0

    @pytest.mark.parametrize("stream", [False, True])
    def test_an_option_that_the_model_refuses_is_named(self, upstream: FakeUpstream, client: OpenAI, stream: bool):
        complaint = "Unsupported value: 'temperature' does not support 0 with this model. secret detail"
        upstream.fail(400, {"error": {"message": complaint, "param": "temperature", "code": "unsupported_value"}})
        with pytest.raises(openai.BadRequestError) as caught:
            client.chat.completions.create(model=MODEL, messages=HELLO, temperature=0, stream=stream)
        assert (caught.value.code, caught.value.param) == ("unsupported_value", "temperature")
        assert "secret" not in caught.value.response.text

    def test_a_complaint_about_an_option_nobody_chose_is_the_servers_own_trouble(
        self, upstream: FakeUpstream, client: OpenAI
    ):
        upstream.fail(400, {"error": {"message": "temperature is missing", "param": "temperature"}})
        with pytest.raises(openai.InternalServerError):
            client.chat.completions.create(model=MODEL, messages=HELLO)


class TestErrors:
    @pytest.mark.parametrize("stream", [False, True])
    def test_a_models_failure_has_its_status_and_code(self, upstream: FakeUpstream, client: OpenAI, stream: bool):
        upstream.fail(429, {"error": {"message": "secret detail"}}, {"Retry-After": "7"})
        with pytest.raises(openai.RateLimitError) as caught:
            client.chat.completions.create(model=MODEL, messages=HELLO, stream=stream)
        assert (caught.value.code, caught.value.response.headers["retry-after"]) == ("rate_limit_exceeded", "7")
        assert caught.value.response.headers["x-request-id"]
        assert "secret" not in caught.value.response.text

    def test_the_sdk_tries_again_where_that_can_help(self, upstream: FakeUpstream, client: OpenAI):
        patient = client.with_options(max_retries=1)
        upstream.fail(500)
        assert patient.chat.completions.create(model=MODEL, messages=HELLO).choices
        assert upstream.calls == 2

    def test_the_sdk_does_not_try_again_where_that_can_not_help(self, upstream: FakeUpstream, client: OpenAI):
        upstream.fail(401)
        with pytest.raises(openai.InternalServerError):
            client.with_options(max_retries=1).chat.completions.create(model=MODEL, messages=HELLO)
        assert upstream.calls == 1

    def test_the_apps_limits_hold(self, upstream: FakeUpstream, serve: Serve):
        client = connect(serve(max_requests_per_minute_each=1))
        client.chat.completions.create(model=MODEL, messages=HELLO)
        with pytest.raises(openai.RateLimitError):
            client.chat.completions.create(model=MODEL, messages=HELLO)
        assert upstream.calls == 1

    @pytest.mark.parametrize("path", ["models", "chat/completions"])
    @pytest.mark.parametrize("headers", [{}, {"Cookie": new_cookie()}, {"Authorization": "Bearer guess"}])
    def test_without_a_key_nobody_is_served(self, server: ApiServer, path: str, headers: dict[str, str]):
        # Not even on this machine, in development.
        method = "GET" if path == "models" else "POST"
        response = httpx.request(method, f"{server.url}/v1/{path}", headers=headers)
        assert (response.status_code, response.json()["error"]["code"]) == (401, "invalid_api_key")

    def test_the_sdk_raises_an_authentication_error_for_a_wrong_key(self, server: ApiServer):
        with pytest.raises(openai.AuthenticationError):
            connect(server, "guess").models.list()

    @pytest.mark.parametrize("stream", [False, True])
    def test_a_conversation_too_long_for_the_model_is_refused_as_openai_does(
        self, upstream: FakeUpstream, client: OpenAI, stream: bool
    ):
        upstream.fail(400, {"error": {"message": "secret detail", "code": "context_length_exceeded"}})
        with pytest.raises(openai.BadRequestError) as caught:
            client.chat.completions.create(model=MODEL, messages=HELLO, stream=stream)
        assert caught.value.code == "context_length_exceeded"

    def test_the_models_content_filter_is_a_bad_request(self, upstream: FakeUpstream, client: OpenAI):
        upstream.fail(400, {"error": {"message": "secret detail", "code": "content_filter"}})
        with pytest.raises(openai.BadRequestError) as caught:
            client.chat.completions.create(model=MODEL, messages=HELLO)
        assert caught.value.code == "content_filter"


class TestUsage:
    """The field ``usage``: numbers, or left out."""

    @pytest.fixture
    def body(self, upstream: FakeUpstream) -> dict[str, Any]:
        upstream.answer_chunks([chunk({"content": "Hi"}), chunk({}, "stop")])
        return {"model": MODEL, "messages": HELLO, "stream_options": {"include_usage": True}}

    @pytest.mark.parametrize("stream", [False, True])
    def test_usage_is_left_out_where_the_model_reports_none(
        self, server: ApiServer, body: dict[str, Any], stream: bool
    ):
        headers = {"Authorization": f"Bearer {PROGRAM_KEY}"}
        response = httpx.post(f"{server.url}/v1/chat/completions", json=body | {"stream": stream}, headers=headers)
        assert response.status_code == 200
        assert "usage" not in response.text


class TestModels:
    def test_the_model_is_listed(self, client: OpenAI):
        assert [model.id for model in client.models.list()] == [MODEL]

    def test_the_model_is_retrieved_by_its_name(self, client: OpenAI):
        assert client.models.retrieve(MODEL).id == MODEL

    def test_a_model_with_slashes_in_its_name_is_retrieved(self, serve: Serve):
        name = "meta-llama/Llama-3.2:free"
        with connect(serve(openai_model=name)) as client:
            assert client.models.retrieve(name).id == name
        response = httpx.get(f"{client.base_url}models/{name}", headers={"Authorization": f"Bearer {PROGRAM_KEY}"})
        assert response.json()["id"] == name

    def test_an_unknown_model_is_not_found(self, client: OpenAI):
        with pytest.raises(openai.NotFoundError) as caught:
            client.models.retrieve("another")
        assert (caught.value.code, caught.value.param) == ("model_not_found", "model")
