"""The OpenAI provider against a fake server that sends recorded responses of model servers."""

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import anyio
import pytest

from chat_app.infrastructure.openai.provider import OpenAIProvider
from chat_app.infrastructure.openai.server import OpenAIServer
from chat_app.models.errors import (
    Blocked,
    Misconfigured,
    ModelError,
    ModelTimeout,
    QuotaExceeded,
    RateLimited,
    TooLong,
    Truncated,
    Unreachable,
    UpstreamFailed,
)
from chat_app.models.events import Alive, ModelEvent, ProviderEvent, StepEnded
from chat_app.models.message import Role, Turn, Usage
from chat_app.models.parts import Data, Reasoning, Text
from chat_app.models.request import LEFT_OUT, Options
from chat_app.services.answering.ai_service import AIService, TimeLimits
from tests.fake_upstream import DONE, FakeUpstream, Scenario, chunk, event
from tests.fakes import agents_of

pytestmark = pytest.mark.anyio

KEY = "sk-test-0123456789abcdef"
SHORT, LONG = 0.2, 30.0
USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}

MakeProvider = Callable[..., OpenAIProvider]


@pytest.fixture
def upstream() -> Iterator[FakeUpstream]:
    with FakeUpstream() as server:
        yield server


@pytest.fixture
async def make_provider(upstream: FakeUpstream) -> AsyncIterator[MakeProvider]:
    servers: list[OpenAIServer] = []

    def make(
        *,
        base_url: str = upstream.base_url,
        api_key: str = KEY,
        system_prompt: str = "",
        max_tokens: int | None = None,
        **options: Any,
    ) -> OpenAIProvider:
        for_server = {name: options.pop(name) for name in ("connect_timeout",) if name in options}
        servers.append(OpenAIServer(base_url, api_key, **for_server))
        return OpenAIProvider(servers[-1], "test-model", system_prompt=system_prompt, max_tokens=max_tokens, **options)

    yield make
    for server in servers:
        await server.close()


@pytest.fixture
def provider(make_provider: MakeProvider) -> OpenAIProvider:
    return make_provider()


class InTime:
    """A provider whose answers have to end within some seconds."""

    def __init__(self, provider: OpenAIProvider, **limits: float) -> None:
        self._ai = AIService(agents_of(provider), limits=TimeLimits(LONG, **limits), max_chars=1000)

    def stream(self, turns: Sequence[Turn]) -> AsyncGenerator[ModelEvent, None]:
        return self._ai.stream_chat(turns[-1].text)


async def ask(provider: OpenAIProvider | InTime, message: str = "Hello") -> list[ModelEvent]:
    stream: AsyncGenerator[ProviderEvent, None] = provider.stream([Turn(Role.USER, message)])
    return [event async for event in stream if not isinstance(event, Alive)]


async def drain(provider: OpenAIProvider, options: Options) -> None:
    async for _ in provider.stream([Turn(Role.USER, "Hello")], options):
        pass


async def fail(provider: OpenAIProvider | InTime) -> tuple[list[ModelEvent], ModelError]:
    """The pieces before the error, and the error."""
    events: list[ModelEvent] = []
    with pytest.raises(ModelError) as caught:
        stream: AsyncGenerator[ProviderEvent, None] = provider.stream([Turn(Role.USER, "Hello")])
        async for event in stream:
            if not isinstance(event, Alive):
                events.append(event)
    return events, caught.value


def text(events: list[ModelEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, Text))


def reasoning(events: list[ModelEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, Reasoning))


async def closed_within_a_second(upstream: FakeUpstream) -> bool:
    return await anyio.to_thread.run_sync(upstream.wait_closed, 1.0)


class TestRequest:
    async def test_the_provider_sends_the_system_prompt_and_the_turns_in_order(
        self, upstream: FakeUpstream, make_provider: MakeProvider
    ):
        turns = [Turn(Role.USER, "One?"), Turn(Role.ASSISTANT, "One."), Turn(Role.USER, "둘?")]
        async for _ in make_provider(system_prompt="Be brief.", max_tokens=50).stream(turns):
            pass
        assert upstream.requests[0].body == {
            "model": "test-model",
            "stream": True,
            "stream_options": {"include_usage": True},
            "max_tokens": 50,
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "One?"},
                {"role": "assistant", "content": "One."},
                {"role": "user", "content": "둘?"},
            ],
        }
        assert upstream.requests[0].headers["authorization"] == f"Bearer {KEY}"

    async def test_the_provider_leaves_out_an_empty_system_prompt_and_no_limit(
        self, upstream: FakeUpstream, provider: OpenAIProvider
    ):
        await ask(provider)
        assert upstream.requests[0].body["messages"] == [{"role": "user", "content": "Hello"}]
        assert "max_tokens" not in upstream.requests[0].body

    async def test_the_provider_works_without_a_key_and_never_sends_one_from_the_environment(
        self, upstream: FakeUpstream, make_provider: MakeProvider, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        assert text(await ask(make_provider(api_key=""))) == "Hello from the fake upstream."
        assert KEY not in upstream.requests[0].headers["authorization"]

    async def test_the_provider_does_without_stream_options_where_they_are_rejected_and_remembers(
        self, upstream: FakeUpstream, provider: OpenAIProvider
    ):
        upstream.fail(400, {"error": {"message": "Unknown field: stream_options", "code": None}})
        assert text(await ask(provider)) == "Hello from the fake upstream."
        await ask(provider)
        assert ["stream_options" in request.body for request in upstream.requests] == [True, False, False]

    async def test_the_provider_asks_for_max_completion_tokens_where_the_older_name_is_rejected(
        self, upstream: FakeUpstream, make_provider: MakeProvider
    ):
        message = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
        upstream.fail(400, {"error": {"message": message, "code": "unsupported_parameter"}})
        await ask(make_provider(max_tokens=50))
        assert upstream.requests[1].body["max_completion_tokens"] == 50
        assert "max_tokens" not in upstream.requests[1].body

    async def test_options_are_sent_as_far_as_they_are_chosen(self, upstream: FakeUpstream, provider: OpenAIProvider):
        chosen = Options(temperature=0.0, top_p=0.5, max_tokens=9, stop=("\n", "END"), seed=7)
        await drain(provider, chosen)
        await drain(provider, Options(temperature=1.5))
        sent = [request.body for request in upstream.requests]
        expected = {"temperature": 0.0, "top_p": 0.5, "max_tokens": 9, "stop": ["\n", "END"], "seed": 7}
        assert {name: sent[0].get(name) for name in expected} == expected
        assert expected.keys() & sent[1].keys() == {"temperature"}

    @pytest.mark.parametrize(
        ("configured", "asked", "sent"), [(50, 9, 9), (50, 80, 50), (50, None, 50), (None, 80, 80)]
    )
    async def test_the_configured_limit_bounds_the_one_asked_for(
        self, upstream: FakeUpstream, make_provider: MakeProvider, configured: int | None, asked: int | None, sent: int
    ):
        await drain(make_provider(max_tokens=configured), Options(max_tokens=asked))
        assert upstream.requests[0].body["max_tokens"] == sent

    async def test_the_newer_name_of_the_limit_is_remembered_for_every_later_request(
        self, upstream: FakeUpstream, provider: OpenAIProvider
    ):
        upstream.fail(400, {"error": {"message": "Use 'max_completion_tokens' instead."}})
        await drain(provider, Options(max_tokens=9))
        await drain(provider, Options(max_tokens=10))
        assert [request.body.get("max_completion_tokens") for request in upstream.requests] == [None, 9, 10]

    async def test_a_name_that_was_not_sent_is_no_reason_to_ask_again(
        self, upstream: FakeUpstream, provider: OpenAIProvider
    ):
        upstream.fail(400, {"error": {"message": "max_completion_tokens is wrong"}})
        await fail(provider)
        assert upstream.calls == 1

    async def test_the_provider_does_not_ask_again_and_again(self, upstream: FakeUpstream, provider: OpenAIProvider):
        for _ in range(3):
            upstream.fail(400, {"error": {"message": "stream_options and max_completion_tokens are wrong"}})
        assert isinstance((await fail(provider))[1], UpstreamFailed)
        assert upstream.calls == 2


class TestOptionalOptions:
    """Options that a person has set: what the model refuses is said once and left out."""

    chosen = Options(temperature=0.5, top_p=0.9, instructions="Be brief.", are_optional=True)

    async def answer(self, provider: OpenAIProvider, options: Options) -> list[ProviderEvent]:
        return [event async for event in provider.stream([Turn(Role.USER, "Hello")], options)]

    @pytest.mark.parametrize(
        ("error", "refused"),
        [
            (
                {"message": "Unsupported value: 'temperature' does not support 0.5", "param": "temperature"},
                "temperature",
            ),
            ({"message": "top_p is not supported by this model"}, "top_p"),
        ],
    )
    async def test_a_refused_option_is_left_out_and_said_once(
        self, upstream: FakeUpstream, provider: OpenAIProvider, error: dict[str, str], refused: str
    ):
        upstream.fail(400, {"error": error})
        first, second = [await self.answer(provider, self.chosen) for _ in range(2)]
        assert [event for event in first if isinstance(event, Data)] == [Data(LEFT_OUT, refused)]
        assert not [event for event in second if isinstance(event, Data)]
        sent = [request.body for request in upstream.requests]
        assert [refused in body for body in sent] == [True, False, False]
        assert all(name in body for body in sent for name in {"temperature", "top_p"} - {refused})

    async def test_another_value_is_tried(self, upstream: FakeUpstream, provider: OpenAIProvider):
        upstream.fail(400, {"error": {"message": "temperature is wrong", "param": "temperature"}})
        await self.answer(provider, self.chosen)
        await self.answer(provider, replace(self.chosen, temperature=1.0))
        assert [request.body.get("temperature") for request in upstream.requests] == [0.5, None, 1.0]

    async def test_each_of_several_refused_options_is_left_out(self, upstream: FakeUpstream, provider: OpenAIProvider):
        for name in ("temperature", "top_p"):
            upstream.fail(400, {"error": {"message": "wrong", "param": name}})
        events = await self.answer(provider, self.chosen)
        assert [event.value for event in events if isinstance(event, Data)] == ["temperature", "top_p"]
        assert upstream.calls == 3

    async def test_a_refused_limit_is_left_out(self, upstream: FakeUpstream, provider: OpenAIProvider):
        upstream.fail(400, {"error": {"message": "Use 'max_completion_tokens' instead."}})
        upstream.fail(400, {"error": {"message": "too large", "param": "max_completion_tokens"}})
        events = await self.answer(provider, Options(max_tokens=10**6, are_optional=True))
        assert [event.value for event in events if isinstance(event, Data)] == ["max_tokens"]
        assert upstream.requests[1].body["max_completion_tokens"] == 10**6
        assert not {"max_tokens", "max_completion_tokens"} & upstream.requests[2].body.keys()

    async def test_an_error_about_something_else_is_not_repeated(
        self, upstream: FakeUpstream, provider: OpenAIProvider
    ):
        upstream.fail(400, {"error": {"message": "no such thing", "param": "messages"}})
        with pytest.raises(ModelError):
            await self.answer(provider, self.chosen)
        assert upstream.calls == 1

    async def test_instructions_follow_the_system_prompt(self, upstream: FakeUpstream, make_provider: MakeProvider):
        await self.answer(make_provider(system_prompt="Use Markdown."), self.chosen)
        await self.answer(make_provider(), self.chosen)
        systems = [request.body["messages"][0] for request in upstream.requests]
        assert systems == [
            {"role": "system", "content": "Use Markdown.\n\nBe brief."},
            {"role": "system", "content": "Be brief."},
        ]


class TestAnswer:
    async def test_the_provider_yields_text_as_it_comes_and_ends_with_how_it_ended(
        self, upstream: FakeUpstream, provider: OpenAIProvider
    ):
        upstream.answer("Hello there", chunk_size=6)
        assert await ask(provider) == [
            Text("Hello "),
            Text("there"),
            StepEnded("stop", "fake-model", Usage(11, 7, 18)),
        ]

    async def test_a_piece_is_there_before_the_next_one_is_sent(self, upstream: FakeUpstream, provider: OpenAIProvider):
        upstream.answer("Hello there", chunk_size=6)
        upstream.hold(after=1)
        async with aclosing(provider.stream([Turn(Role.USER, "Hello")])) as events:
            assert await anext(events) == Alive()
            assert await anext(events) == Text("Hello ")
            upstream.release()
            assert await anext(events) == Text("there")

    async def test_several_answers_at_once_do_not_mix(self, upstream: FakeUpstream, provider: OpenAIProvider):
        upstream.answer("AAAA" * 20, when="a")
        upstream.answer("BBBB" * 20, when="b")
        a, b = await asyncio.gather(ask(provider, "a"), ask(provider, "b"))
        assert (text(a), text(b)) == ("AAAA" * 20, "BBBB" * 20)

    @pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
    async def test_reasoning_is_apart_from_the_answer(
        self, upstream: FakeUpstream, provider: OpenAIProvider, field: str
    ):
        upstream.answer_chunks([chunk({field: "Hm."}), chunk({"content": "Yes."}), chunk({}, "stop")])
        assert (await ask(provider))[:2] == [Reasoning("Hm."), Text("Yes.")]

    async def test_a_refusal_is_text(self, upstream: FakeUpstream, provider: OpenAIProvider):
        upstream.answer_chunks([chunk({"content": None, "refusal": "I can't."}), chunk({}, "stop")])
        assert text(await ask(provider)) == "I can't."

    @pytest.mark.parametrize(
        "chunks",
        [
            [chunk({"content": "Hi"}, "stop"), chunk({}, choices=[], usage=USAGE)],
            [chunk({"content": "Hi"}, "stop", usage=USAGE)],
            [chunk({"content": "Hi"}, "stop", x_groq={"id": "r", "usage": USAGE})],
            [chunk({"content": "Hi"}, usage={**USAGE, "completion_tokens": 1}), chunk({}, "stop", usage=USAGE)],
        ],
        ids=["a chunk of its own", "the last chunk", "Groq", "every chunk"],
    )
    async def test_usage_is_found_wherever_it_is(
        self, upstream: FakeUpstream, provider: OpenAIProvider, chunks: list[dict[str, Any]]
    ):
        upstream.answer_chunks(chunks)
        assert (await ask(provider))[-1] == StepEnded("stop", "fake-model", Usage(11, 7, 18))

    async def test_an_answer_cut_at_the_length_limit_says_so(self, upstream: FakeUpstream, provider: OpenAIProvider):
        upstream.answer("Half a sent", finish_reason="length")
        events = await ask(provider)
        assert text(events) == "Half a sent"
        assert events[-1] == StepEnded("length", "fake-model", Usage(11, 7, 18))

    async def test_thinking_up_to_the_length_limit_is_no_error(self, upstream: FakeUpstream, provider: OpenAIProvider):
        upstream.answer("", finish_reason="length")
        assert await ask(provider) == [StepEnded("length", "fake-model", Usage(11, 7, 18))]

    async def test_the_end_mark_alone_is_a_normal_end(self, upstream: FakeUpstream, provider: OpenAIProvider):
        upstream.answer("Hi", finish_reason=None, usage=None)
        assert await ask(provider) == [Text("Hi"), StepEnded("stop", "fake-model")]

    async def test_the_finish_reason_alone_is_a_normal_end(self, upstream: FakeUpstream, provider: OpenAIProvider):
        upstream.answer("Hi", done=False)
        assert text(await ask(provider)) == "Hi"

    @pytest.mark.parametrize("ending", ["reset", "silence"])
    async def test_whatever_happens_after_the_end_is_no_error(
        self, upstream: FakeUpstream, make_provider: MakeProvider, ending: str
    ):
        upstream.plan(Scenario((event(chunk({"content": "Hi"}, "stop")),), ending=ending))
        assert await ask(make_provider(finished_silence=SHORT)) == [Text("Hi"), StepEnded("stop", "fake-model")]

    async def test_a_content_filter_in_the_middle_keeps_the_text(
        self, upstream: FakeUpstream, provider: OpenAIProvider
    ):
        upstream.answer("First you", finish_reason="content_filter")
        events = await ask(provider)
        assert text(events) == "First you"
        assert isinstance(events[-1], StepEnded)
        assert events[-1].finish == "content_filter"


class TestOddities:
    async def test_chunks_without_choices_or_delta_are_skipped(self, upstream: FakeUpstream, provider: OpenAIProvider):
        oddities = [chunk({}, choices=[]), chunk({}, choices=None), chunk(None), {"choices": [None]}, {}]
        upstream.answer_chunks([*oddities, chunk({"content": "Hi"}), *oddities, chunk(None, "stop")])
        assert text(await ask(provider)) == "Hi"

    async def test_fields_of_another_type_are_ignored(self, upstream: FakeUpstream, provider: OpenAIProvider):
        odd = chunk({"content": 7, "reasoning": {"a": 1}}, model=None, usage={"prompt_tokens": None, "x": "y"})
        upstream.answer_chunks([odd, {"choices": {"0": 1}}, chunk({"content": "Hi"}, "stop")])
        assert await ask(provider) == [Text("Hi"), StepEnded("stop", "fake-model", Usage(0, 0, 0))]

    async def test_half_a_surrogate_pair_can_be_stored(self, upstream: FakeUpstream, provider: OpenAIProvider):
        upstream.raw_bytes([b'data: {"choices": [{"delta": {"content": "Hi \\ud83d"}}]}\n\n', DONE])
        assert text(await ask(provider)).encode()

    @pytest.mark.parametrize(
        "lines",
        [
            ['data: {"error": {"message": "overloaded", "code": "server_error"}}', ""],
            ['data: {"error": "overloaded"}', ""],
            ['data: {"choices": [], "x_groq": {"error": "overloaded"}}', ""],
            ["event: error", 'data: {"message": "overloaded"}', ""],
            ["event: error", "data: overloaded", ""],
            ['error: {"code": 500, "message": "overloaded"}', ""],
        ],
        ids=["data", "a string", "Groq", "named event", "named event, no JSON", "an error: line"],
    )
    @pytest.mark.parametrize("done", [True, False])
    async def test_an_error_in_the_middle_keeps_the_text(
        self, upstream: FakeUpstream, provider: OpenAIProvider, lines: list[str], done: bool
    ):
        end = ["data: [DONE]", ""] if done else []
        upstream.raw_lines(['data: {"choices": [{"delta": {"content": "Hi"}}]}', "", *lines, *end])
        events, error = await fail(provider)
        assert events == [Text("Hi")]
        assert type(error) is UpstreamFailed
        assert "overloaded" in str(error)

    async def test_an_error_in_the_middle_keeps_its_meaning(self, upstream: FakeUpstream, provider: OpenAIProvider):
        upstream.answer_chunks([chunk({"content": "Hi"}), {"error": {"code": 429, "message": "slow down"}}])
        assert isinstance((await fail(provider))[1], RateLimited)

    @pytest.mark.parametrize("line", ['data: {"choices": [{"delta": ', "data: oops", "data: 7"])
    async def test_broken_json_is_a_failure_of_the_upstream(
        self, upstream: FakeUpstream, provider: OpenAIProvider, line: str
    ):
        upstream.raw_lines(['data: {"choices": [{"delta": {"content": "Hi"}}]}', "", line, "", "data: [DONE]", ""])
        events, error = await fail(provider)
        assert events == [Text("Hi")]
        assert type(error) is UpstreamFailed

    async def test_a_stream_that_just_ends_is_truncated(self, upstream: FakeUpstream, provider: OpenAIProvider):
        upstream.answer("Hello the", finish_reason=None, usage=None, done=False)
        events, error = await fail(provider)
        assert text(events) == "Hello the"
        assert isinstance(error, Truncated)

    async def test_a_reset_in_the_middle_is_truncated(self, upstream: FakeUpstream, provider: OpenAIProvider):
        upstream.reset_after(2, "Hello there")
        events, error = await fail(provider)
        assert text(events) == "Hello th"
        assert isinstance(error, Truncated)

    @pytest.mark.parametrize(
        "pieces",
        [[], [b"data: [DONE]\n\n"], [b": hello\n\n"], [b"<html>Not an API</html>"]],
        ids=["nothing", "the end mark", "a comment", "a web page"],
    )
    async def test_an_empty_answer_is_an_error(
        self, upstream: FakeUpstream, provider: OpenAIProvider, pieces: list[bytes]
    ):
        upstream.raw_bytes(pieces)
        assert type((await fail(provider))[1]) is UpstreamFailed

    async def test_an_empty_answer_with_a_finish_reason_is_an_error(
        self, upstream: FakeUpstream, provider: OpenAIProvider
    ):
        upstream.answer("")
        assert type((await fail(provider))[1]) is UpstreamFailed

    async def test_a_content_filter_without_text_is_blocked(self, upstream: FakeUpstream, provider: OpenAIProvider):
        upstream.answer("", finish_reason="content_filter")
        assert isinstance((await fail(provider))[1], Blocked)

    async def test_plain_json_is_the_answer(self, upstream: FakeUpstream, provider: OpenAIProvider):
        message = {"role": "assistant", "content": "Hi", "reasoning_content": "Hm."}
        choice = {"index": 0, "message": message, "finish_reason": "length"}
        upstream.plain_json({"model": "plain", "choices": [choice], "usage": USAGE})
        assert await ask(provider) == [Reasoning("Hm."), Text("Hi"), StepEnded("length", "plain", Usage(11, 7, 18))]

    async def test_plain_json_without_a_finish_reason_is_the_answer(
        self, upstream: FakeUpstream, provider: OpenAIProvider
    ):
        upstream.raw_bytes([b'\n{\n  "choices": [\n', b'    {"message": {"content": "Hi"}}\n  ]\n}\n'])
        assert await ask(provider) == [Text("Hi"), StepEnded("stop")]

    @pytest.mark.parametrize("body", [{"error": {"message": "no"}}, {"choices": []}, {}, {"message": "no"}])
    async def test_plain_json_that_is_no_answer_is_an_error(
        self, upstream: FakeUpstream, provider: OpenAIProvider, body: dict[str, Any]
    ):
        upstream.plain_json(body)
        assert type((await fail(provider))[1]) is UpstreamFailed


class TestDecoding:
    async def test_korean_cut_anywhere_arrives_whole(self, upstream: FakeUpstream, provider: OpenAIProvider):
        stream = event(chunk({"content": "안녕하세요, 세상! 😀"})) + DONE
        upstream.raw_bytes([stream[at : at + 1] for at in range(len(stream))])
        assert text(await ask(provider)) == "안녕하세요, 세상! 😀"

    @pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
    @pytest.mark.parametrize("size", [1, 1000])
    async def test_every_line_end_is_understood(
        self, upstream: FakeUpstream, provider: OpenAIProvider, line_end: bytes, size: int
    ):
        lines = ['data: {"choices":', 'data: [{"delta": {"content": "Hi"}}]}', "", "data: [DONE]", ""]
        stream = b"".join(line.encode() + line_end for line in lines)
        upstream.raw_bytes([stream[at : at + size] for at in range(0, len(stream), size)])
        assert await ask(provider) == [Text("Hi"), StepEnded("stop")]

    async def test_other_separators_inside_text_are_text(self, upstream: FakeUpstream, provider: OpenAIProvider):
        upstream.answer("one\u2028two\x85three\x0bfour", chunk_size=100)
        assert text(await ask(provider)) == "one\u2028two\x85three\x0bfour"

    async def test_comments_names_ids_and_data_over_several_lines_are_understood(
        self, upstream: FakeUpstream, provider: OpenAIProvider
    ):
        lines = [": ping", "", "event: ping", "", "id: 1", "retry: 5", "event: message", 'data:{"choices":', ":"]
        rest = ['data: [{"delta": {"content": "Hi"}}]}', "", ": ping", "data: [DONE]", ""]
        upstream.raw_lines([*lines, *rest])
        assert await ask(provider) == [Text("Hi"), StepEnded("stop")]

    async def test_a_byte_order_mark_is_skipped(self, upstream: FakeUpstream, provider: OpenAIProvider):
        stream = b"\xef\xbb\xbf" + event(chunk({"content": "Hi"})) + DONE
        upstream.raw_bytes([stream[:2], stream[2:]])
        assert text(await ask(provider)) == "Hi"

    async def test_a_missing_last_empty_line_loses_nothing(self, upstream: FakeUpstream, provider: OpenAIProvider):
        upstream.raw_bytes([event(chunk({"content": "Hi"})), b"data: [DONE]\n"])
        assert text(await ask(provider)) == "Hi"


OPENAI_401 = {"error": {"message": f"Incorrect API key provided: {KEY[:9]}*******cdef.", "code": "invalid_api_key"}}
VLLM_TOO_LONG = {"object": "error", "message": "This model's maximum context length is 4096 tokens.", "code": 400}
LLAMA_TOO_LONG = {"error": {"code": 400, "message": "too big", "type": "exceed_context_size_error"}}


class TestErrors:
    @pytest.mark.parametrize(
        ("status", "body", "kind"),
        [
            (401, OPENAI_401, Misconfigured),
            (403, {"error": {"message": "no"}}, Misconfigured),
            (404, {"error": {"message": "no such model", "code": "model_not_found"}}, Misconfigured),
            (404, "page not found", Misconfigured),
            (429, {"error": {"type": "insufficient_quota", "code": "insufficient_quota"}}, QuotaExceeded),
            (402, {"error": {"message": "Insufficient Balance"}}, QuotaExceeded),
            (429, {"error": {"code": "rate_limit_exceeded"}}, RateLimited),
            (429, "slow down", RateLimited),
            (400, {"error": {"code": "context_length_exceeded"}}, TooLong),
            (400, VLLM_TOO_LONG, TooLong),
            (400, LLAMA_TOO_LONG, TooLong),
            (413, {"error": {"code": "rate_limit_exceeded"}}, TooLong),
            (400, {"error": {"code": "content_filter", "innererror": {}}}, Blocked),
            (504, "<html>Gateway Time-out</html>", ModelTimeout),
            (400, {"error": {"message": "bad temperature"}}, UpstreamFailed),
            (500, {"error": "out of memory"}, UpstreamFailed),
            (502, "<html>Bad Gateway</html>", UpstreamFailed),
            (503, {"error": {"code": ["odd"], "type": {}}}, UpstreamFailed),
        ],
    )
    async def test_a_status_becomes_its_error(
        self, upstream: FakeUpstream, provider: OpenAIProvider, status: int, body: object, kind: type[ModelError]
    ):
        upstream.fail(status, body)
        events, error = await fail(provider)
        assert (events, type(error)) == ([], kind)
        assert upstream.calls == 1

    @pytest.mark.parametrize(
        ("headers", "seconds"),
        [
            ({"Retry-After": "7"}, 7),
            ({"retry-after-ms": "1500", "Retry-After": "2"}, 1.5),
            ({"x-ratelimit-reset-requests": "1m30.5s"}, 90.5),
            ({"x-ratelimit-reset-tokens": "20ms"}, 0.02),
            ({"x-ratelimit-remaining-requests": "9", "x-ratelimit-reset-requests": "8h"}, None),
            ({"Retry-After": "soon"}, None),
            ({"Retry-After": "inf"}, None),
            ({"Retry-After": "-3"}, 0),
            ({}, None),
        ],
    )
    async def test_a_rate_limit_says_how_long_to_wait(
        self, upstream: FakeUpstream, provider: OpenAIProvider, headers: dict[str, str], seconds: float | None
    ):
        upstream.fail(429, {"error": {"message": "slow down"}}, headers)
        assert (await fail(provider))[1].retry_after == seconds

    async def test_a_rate_limit_may_give_a_date(self, upstream: FakeUpstream, provider: OpenAIProvider):
        moment = datetime.now(UTC) + timedelta(hours=1)
        upstream.fail(429, "slow down", {"Retry-After": format_datetime(moment, usegmt=True)})
        seconds = (await fail(provider))[1].retry_after
        assert seconds is not None
        assert 3500 < seconds <= 3600

    @pytest.mark.parametrize("body", [OPENAI_401, f"Bearer {KEY} is wrong", {"error": {"message": f"\n{KEY}\n"}}])
    async def test_the_detail_holds_no_part_of_the_key(
        self, upstream: FakeUpstream, provider: OpenAIProvider, body: object
    ):
        upstream.fail(401, body)
        detail = str((await fail(provider))[1])
        assert "401" in detail
        assert "cdef" not in detail
        assert "sk-" not in detail
        assert "\n" not in detail

    async def test_an_error_in_the_stream_is_redacted_too(self, upstream: FakeUpstream, make_provider: MakeProvider):
        upstream.answer_chunks([{"error": f"bad key {'hunter2' * 3}"}])
        assert "hunter2" not in str((await fail(make_provider(api_key="hunter2" * 3)))[1])

    async def test_a_refused_connection_is_unreachable(self, make_provider: MakeProvider):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        assert isinstance((await fail(make_provider(base_url=f"http://127.0.0.1:{port}/v1")))[1], Unreachable)

    async def test_a_connection_that_does_not_come_about_is_unreachable(self, make_provider: MakeProvider):
        with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
            port = server.getsockname()[1]
            with socket.create_connection(("127.0.0.1", port)):  # takes the only slot of the listen backlog
                provider = make_provider(base_url=f"http://127.0.0.1:{port}/v1", connect_timeout=SHORT)
                assert isinstance((await fail(provider))[1], Unreachable)

    async def test_an_unknown_host_is_unreachable(self, make_provider: MakeProvider):
        assert isinstance((await fail(make_provider(base_url="http://nowhere.invalid/v1")))[1], Unreachable)

    async def test_a_reset_before_any_byte_is_unreachable(self, upstream: FakeUpstream, provider: OpenAIProvider):
        upstream.reset_after(0)
        assert isinstance((await fail(provider))[1], Unreachable)


class TestTimeLimits:
    async def test_no_response_at_all_is_a_time_out(self, upstream: FakeUpstream, provider: OpenAIProvider):
        upstream.silent()
        events, error = await fail(InTime(provider, first=SHORT))
        assert (events, type(error)) == ([], ModelTimeout)
        assert await closed_within_a_second(upstream)

    @pytest.mark.parametrize(
        "sign",
        [b": processing\n\n", event(chunk({"role": "assistant", "content": ""})), event(chunk({})), b"\n"],
        ids=["comment", "role", "empty delta", "empty line"],
    )
    @pytest.mark.parametrize("begun", [False, True], ids=["before the first word", "after it"])
    async def test_a_sign_of_life_is_no_silence(
        self, upstream: FakeUpstream, provider: OpenAIProvider, sign: bytes, begun: bool
    ):
        beginning = [event(chunk({"content": "Well, "}))] if begun else []
        end = event(chunk({"content": "hi"}, "stop")) + DONE
        upstream.plan(Scenario((*beginning, *[sign] * 8, end), delay=SHORT))
        assert text(await ask(InTime(provider, first=SHORT * 4, gap=SHORT * 4))).endswith("hi")

    async def test_signs_of_life_for_ever_end_with_the_whole_time(
        self, upstream: FakeUpstream, provider: OpenAIProvider
    ):
        upstream.plan(Scenario((b": processing\n\n",) * 500, delay=SHORT / 5))
        ai = AIService(agents_of(provider), limits=TimeLimits(SHORT * 4, first=LONG, gap=LONG), max_chars=1000)
        with pytest.raises(ModelTimeout):
            await anext(ai.stream_chat("Hello"))
        assert await closed_within_a_second(upstream)

    async def test_silence_after_the_end_mark_is_no_silence_of_the_models(
        self, upstream: FakeUpstream, provider: OpenAIProvider
    ):
        upstream.plan(Scenario((event(chunk({"content": "Hi"}, "stop")) + DONE,), ending="silence"))
        assert await ask(InTime(provider, gap=LONG)) == [Text("Hi"), StepEnded("stop", "fake-model")]

    async def test_a_time_out_in_the_middle_keeps_the_text(self, upstream: FakeUpstream, provider: OpenAIProvider):
        upstream.answer("Hello there", chunk_size=6)
        upstream.hold(after=1)
        events, error = await fail(InTime(provider, gap=SHORT))
        assert events == [Text("Hello ")]
        assert isinstance(error, ModelTimeout)
        assert await closed_within_a_second(upstream)

    async def test_the_first_token_may_take_longer_than_a_gap(self, upstream: FakeUpstream, provider: OpenAIProvider):
        upstream.plan(Scenario((b": processing\n\n", event(chunk({"content": "Hi"}, "stop"))), delay=SHORT * 2))
        assert text(await ask(InTime(provider, gap=SHORT))) == "Hi"

    async def test_a_gap_may_be_longer_than_the_first_token(self, upstream: FakeUpstream, provider: OpenAIProvider):
        pieces = (event(chunk({"content": "Hi"})), event(chunk({"content": " you"}, "stop")))
        upstream.plan(Scenario(pieces, delay=SHORT * 3))
        assert text(await ask(InTime(provider, first=SHORT * 2))) == "Hi you"

    async def test_a_slow_reader_is_not_the_models_fault(self, upstream: FakeUpstream, provider: OpenAIProvider):
        upstream.answer("Hello there", chunk_size=6)
        upstream.hold(after=1)
        async with aclosing(InTime(provider, gap=SHORT).stream([Turn(Role.USER, "Hello")])) as events:
            assert await anext(events) == Text("Hello ")
            await asyncio.sleep(SHORT * 1.5)
            upstream.release()
            assert await anext(events) == Text("there")


class TestClosing:
    async def test_closing_the_generator_closes_the_connection(self, upstream: FakeUpstream, provider: OpenAIProvider):
        upstream.hold(after=1)
        events = provider.stream([Turn(Role.USER, "Hello")])
        await anext(events)
        assert upstream.open_connections == 1
        await events.aclose()
        assert await closed_within_a_second(upstream)

    @pytest.mark.parametrize("after", [0, 1])
    async def test_cancelling_the_reader_closes_the_connection(
        self, upstream: FakeUpstream, provider: OpenAIProvider, after: int
    ):
        upstream.hold(after=after)
        reader = asyncio.create_task(ask(provider))
        assert await anyio.to_thread.run_sync(upstream.wait_held)
        reader.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reader
        assert await closed_within_a_second(upstream)

    async def test_cancelling_before_the_response_closes_the_connection(
        self, upstream: FakeUpstream, provider: OpenAIProvider
    ):
        upstream.silent()
        reader = asyncio.create_task(ask(provider))
        assert await anyio.to_thread.run_sync(upstream.wait_calls, 1)
        reader.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reader
        assert await closed_within_a_second(upstream)

    async def test_an_error_in_the_middle_closes_the_connection(self, upstream: FakeUpstream, provider: OpenAIProvider):
        upstream.plan(Scenario((event({"error": "overloaded"}),), ending="silence"))
        _, error = await fail(provider)
        # The error is still held here, and with it everything its traceback reaches.
        assert await closed_within_a_second(upstream), error

    async def test_the_next_answer_works_after_a_closed_one(self, upstream: FakeUpstream, provider: OpenAIProvider):
        async with aclosing(provider.stream([Turn(Role.USER, "Hello")])) as events:
            await anext(events)
        assert text(await ask(provider)) == "Hello from the fake upstream."


class TestReasoningTags:
    @pytest.mark.parametrize("size", [1, 3, 7, 1000])
    async def test_thoughts_between_tags_are_reasoning(
        self, upstream: FakeUpstream, provider: OpenAIProvider, size: int
    ):
        upstream.answer("<think>\n둘 더하기 둘.\n</think>\n\n**4**예요. `<think>`", chunk_size=size)
        events = await ask(provider)
        assert (reasoning(events), text(events)) == ("둘 더하기 둘.", "**4**예요. `<think>`")

    async def test_after_an_answer_with_the_closing_tag_alone_the_next_ones_are_right_from_the_first_word(
        self, upstream: FakeUpstream, provider: OpenAIProvider
    ):
        for _ in range(3):
            upstream.answer("Two and two.\n</think>\n\nIt is 4.", chunk_size=3)
        first, *later = [await ask(provider) for _ in range(3)]
        assert text(first) == "Two and two.\n</think>\n\nIt is 4."
        assert [(reasoning(each), text(each)) for each in later] == [("Two and two.", "It is 4.")] * 2

    async def test_a_model_that_no_longer_thinks_still_answers(self, upstream: FakeUpstream, provider: OpenAIProvider):
        for answer in ("Hm.</think>Yes.", "It is 4.", "It is 5."):
            upstream.answer(answer)
        _, second, third = [await ask(provider) for _ in range(3)]
        assert text(second) == "It is 4."
        assert (reasoning(third), text(third)) == ("", "It is 5.")

    async def test_text_held_back_as_a_possible_tag_is_yielded_before_an_error(
        self, upstream: FakeUpstream, provider: OpenAIProvider
    ):
        upstream.answer_chunks([chunk({"content": "<thi"}), {"error": "overloaded"}])
        assert (await fail(provider))[0] == [Text("<thi")]

    async def test_thoughts_that_a_server_tells_apart_itself_stay_apart(
        self, upstream: FakeUpstream, provider: OpenAIProvider
    ):
        upstream.answer("Hm.</think>Yes.")
        upstream.answer("Yes.", reasoning="Hm.")
        await ask(provider)
        events = await ask(provider)
        assert (reasoning(events), text(events)) == ("Hm.", "Yes.")

    async def test_empty_thoughts_alone_are_an_empty_answer(self, upstream: FakeUpstream, provider: OpenAIProvider):
        upstream.answer("<think>\n</think>\n\n")
        assert type((await fail(provider))[1]) is UpstreamFailed
