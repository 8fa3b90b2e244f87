"""The OpenAI provider in the dialect of the Responses API, against a fake server."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from chat_app.infrastructure.openai.provider import OpenAIProvider
from chat_app.infrastructure.openai.server import OpenAIServer
from chat_app.models.errors import Misconfigured, ModelError, OptionRefused, Truncated
from chat_app.models.events import Alive, ModelEvent, StepEnded
from chat_app.models.listed_model import Abilities
from chat_app.models.message import Role, Turn, Usage
from chat_app.models.parts import Data, Reasoning, Source, Text, ToolCall, ToolResult
from chat_app.models.request import DEFAULT_OPTIONS, LEFT_OUT, Options
from tests.fake_upstream import FakeUpstream, response

pytestmark = pytest.mark.anyio

HELLO = [Turn(Role.USER, "Hello")]
ENDED = {"type": "response.completed", "response": response()}

MakeProvider = Callable[..., OpenAIProvider]


@pytest.fixture
def upstream() -> Iterator[FakeUpstream]:
    with FakeUpstream() as server:
        yield server


@pytest.fixture
async def make_provider(upstream: FakeUpstream) -> AsyncIterator[MakeProvider]:
    server = OpenAIServer(upstream.base_url, "sk-test")

    def make(**options: Any) -> OpenAIProvider:
        chosen = {"system_prompt": "", "max_tokens": None, **options}
        return OpenAIProvider(server, "test-model", has_responses=True, **chosen)

    yield make
    await server.close()


@pytest.fixture
def provider(make_provider: MakeProvider) -> OpenAIProvider:
    return make_provider()


async def ask(provider: OpenAIProvider, options: Options = DEFAULT_OPTIONS) -> list[ModelEvent]:
    return [event async for event in provider.stream(HELLO, options) if not isinstance(event, Alive)]


def texts(events: list[ModelEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, Text))


def refuse(upstream: FakeUpstream, param: str, message: str = "Unsupported parameter.") -> None:
    upstream.fail(400, {"error": {"message": message, "param": param, "code": "unsupported_parameter"}})


class TestRequest:
    async def test_the_turns_are_items_and_the_system_prompt_instructions_and_nothing_is_stored(
        self, upstream: FakeUpstream, make_provider: MakeProvider
    ):
        turns = [Turn(Role.USER, "One?"), Turn(Role.ASSISTANT, "One."), Turn(Role.USER, "둘?")]
        provider = make_provider(system_prompt="Use Markdown.", max_tokens=50)
        async for _ in provider.stream(turns, Options(instructions="Be brief.")):
            pass
        assert upstream.requests[0].target == "/v1/responses"
        assert upstream.requests[0].body == {
            "model": "test-model",
            "stream": True,
            "store": False,
            "instructions": "Use Markdown.\n\nBe brief.",
            "max_output_tokens": 50,
            "reasoning": {"summary": "auto"},
            "input": [
                {"role": "user", "content": "One?"},
                {"role": "assistant", "content": "One."},
                {"role": "user", "content": "둘?"},
            ],
        }

    async def test_options_have_the_names_of_the_responses_api(self, upstream: FakeUpstream, provider: OpenAIProvider):
        schema = {"name": "a", "schema": {"type": "object"}, "strict": True}
        chosen = Options(
            temperature=0.0,
            top_p=0.5,
            max_tokens=9,
            reasoning_effort="low",
            response_format={"type": "json_schema", "json_schema": schema},
            web_search=True,
        )
        await ask(provider, chosen)
        expected = {
            "temperature": 0.0,
            "top_p": 0.5,
            "max_output_tokens": 9,
            "reasoning": {"effort": "low", "summary": "auto"},
            "text": {"format": {"type": "json_schema", **schema}},
            "tools": [{"type": "web_search"}],
        }
        assert {name: upstream.requests[0].body.get(name) for name in expected} == expected

    @pytest.mark.parametrize(
        ("name", "value"), [("stop", ("END",)), ("seed", 0), ("response_format", {"type": "json_object"})]
    )
    async def test_options_that_the_api_lacks_are_asked_through_chat_completions(
        self, upstream: FakeUpstream, provider: OpenAIProvider, name: str, value: Any
    ):
        assert texts(await ask(provider, Options(**{name: value}))) == "Hello from the fake upstream."
        await ask(provider)
        assert [request.target for request in upstream.requests] == ["/v1/chat/completions", "/v1/responses"]
        assert upstream.requests[0].body[name] == (list(value) if name == "stop" else value)


class TestRefusals:
    @pytest.mark.parametrize(
        "error",
        [
            {"message": "Unsupported parameter: 'reasoning.summary' is not supported with this model."},
            {"message": "Your organization must be verified.", "param": "reasoning.summary"},
            {"message": "Unsupported parameter.", "param": "reasoning"},
        ],
    )
    async def test_summaries_that_a_model_refuses_are_left_out_from_then_on(
        self, upstream: FakeUpstream, provider: OpenAIProvider, error: dict[str, str]
    ):
        upstream.fail(400, {"error": error})
        for _ in range(2):
            assert texts(await ask(provider)) == "Hello from the fake upstream."
        assert ["reasoning" in request.body for request in upstream.requests] == [True, False, False]

    @pytest.mark.parametrize(
        ("option", "param"),
        [
            ({"reasoning_effort": "low"}, "reasoning.effort"),
            ({"temperature": 0.5}, "temperature"),
            ({"temperature": 0.0}, "temperature"),
            ({"max_tokens": 9}, "max_output_tokens"),
            ({"web_search": True}, "tools"),
        ],
    )
    async def test_an_optional_option_is_left_out_and_said_once(
        self, upstream: FakeUpstream, provider: OpenAIProvider, option: dict[str, Any], param: str
    ):
        refuse(upstream, param)
        chosen = Options(**option, are_optional=True)
        first, second = [await ask(provider, chosen) for _ in range(2)]
        assert [event for event in first if isinstance(event, Data)] == [Data(LEFT_OUT, *option)]
        assert not [event for event in second if isinstance(event, Data)]
        assert upstream.calls == 3

    @pytest.mark.parametrize(
        ("option", "message", "learned"),
        [
            ({"web_search": True}, "'web_search' is not supported", Abilities(web_search=False)),
            ({"reasoning_effort": "low"}, "'reasoning.effort' is not supported", Abilities(reasoning=False)),
            ({"reasoning_effort": "xhigh"}, "Unsupported value: 'reasoning.effort' does not support", Abilities()),
            ({"temperature": 0.5}, "'temperature' is not supported", Abilities()),
        ],
    )
    async def test_a_refusal_teaches_what_the_model_lacks(
        self,
        upstream: FakeUpstream,
        provider: OpenAIProvider,
        option: dict[str, Any],
        message: str,
        learned: Abilities,
    ):
        assert provider.learned == Abilities()
        upstream.fail(400, {"error": {"message": message}})
        await ask(provider, Options(**option, are_optional=True))
        assert provider.learned == learned

    async def test_an_option_that_a_program_asks_for_is_an_error(
        self, upstream: FakeUpstream, provider: OpenAIProvider
    ):
        refuse(upstream, "text.format")
        with pytest.raises(OptionRefused) as caught:
            await ask(provider, Options(response_format={"type": "json_schema", "json_schema": {}}))
        assert caught.value.param == "response_format"

    async def test_a_refused_effort_and_a_refused_summary_are_both_left_out(
        self, upstream: FakeUpstream, provider: OpenAIProvider
    ):
        refuse(upstream, "reasoning.effort", "'reasoning.effort' is not supported")
        refuse(upstream, "reasoning.summary", "'reasoning.summary' is not supported")
        events = await ask(provider, Options(reasoning_effort="low", are_optional=True))
        assert (events[0], texts(events)) == (Data(LEFT_OUT, "reasoning_effort"), "Hello from the fake upstream.")

    @pytest.mark.parametrize(
        ("status", "body"), [(404, {"detail": "Not Found"}), (404, "<html>"), (405, ""), (501, "")]
    )
    async def test_a_server_without_the_api_is_asked_through_chat_completions_from_then_on(
        self,
        upstream: FakeUpstream,
        provider: OpenAIProvider,
        caplog: pytest.LogCaptureFixture,
        status: int,
        body: object,
    ):
        upstream.fail(status, body)
        for _ in range(2):
            assert texts(await ask(provider)) == "Hello from the fake upstream."
        chat = "/v1/chat/completions"
        assert [request.target for request in upstream.requests] == ["/v1/responses", chat, chat]
        assert "no Responses API" in caplog.text

    async def test_an_unknown_model_is_no_missing_api(self, upstream: FakeUpstream, provider: OpenAIProvider):
        upstream.fail(404, {"error": {"message": "The model `x` does not exist", "code": "model_not_found"}})
        with pytest.raises(Misconfigured):
            await ask(provider)
        assert upstream.calls == 1

    async def test_web_search_is_left_out_where_only_chat_completions_are(
        self, upstream: FakeUpstream, make_provider: MakeProvider
    ):
        provider = make_provider()
        upstream.fail(404)
        search = Options(web_search=True, are_optional=True)
        assert (await ask(provider, search))[0] == Data(LEFT_OUT, "web_search")
        with pytest.raises(OptionRefused):
            await ask(provider, replace(search, are_optional=False))


def citation(url: object, title: object = "A page") -> dict[str, Any]:
    return {"type": "url_citation", "url": url, "title": title, "start_index": 0, "end_index": 2}


class TestWebSearch:
    async def test_a_search_is_a_call_and_its_terms_are_the_result(
        self, upstream: FakeUpstream, provider: OpenAIProvider
    ):
        call = {"type": "web_search_call", "id": "ws_1"}
        action = {"type": "search", "query": "weather Seoul"}
        upstream.answer_events(
            [
                {"type": "response.output_item.added", "item": {**call, "status": "in_progress"}},
                {"type": "response.web_search_call.in_progress", "item_id": "ws_1"},
                {"type": "response.web_search_call.searching", "item_id": "ws_1"},
                {"type": "response.web_search_call.completed", "item_id": "ws_1"},
                {"type": "response.output_item.done", "item": {**call, "status": "completed", "action": action}},
                {"type": "response.output_text.delta", "delta": "It rains."},
                ENDED,
            ]
        )
        events = await ask(provider, Options(web_search=True))
        assert events == [
            ToolCall("ws_1", "web_search", "{}"),
            ToolResult("ws_1", "weather Seoul"),
            Text("It rains."),
            StepEnded("stop", "fake-model", Usage(11, 7, 18)),
        ]

    @pytest.mark.parametrize(
        ("action", "found"),
        [
            ({"type": "search", "queries": ["a", 7, "b"]}, "a, b"),
            ({"type": "open_page", "url": "https://example.com"}, "https://example.com"),
            ({}, ""),
            (None, ""),
        ],
    )
    async def test_the_result_says_what_was_looked_for(
        self, upstream: FakeUpstream, provider: OpenAIProvider, action: object, found: str
    ):
        item = {"type": "web_search_call", "id": "ws_1", "status": "failed", "action": action}
        delta = {"type": "response.output_text.delta", "delta": "Hi"}
        upstream.answer_events([{"type": "response.output_item.done", "item": item}, delta, ENDED])
        events = await ask(provider)
        assert events[:2] == [ToolCall("ws_1", "web_search", "{}"), ToolResult("ws_1", found, is_error=True)]

    async def test_cited_pages_follow_the_text_each_once(self, upstream: FakeUpstream, provider: OpenAIProvider):
        cited = [
            citation("https://b.example", "B"),
            citation("https://a.example/x", "A\n page"),
            citation("https://b.example"),
        ]
        upstream.answer("It rains.", annotations=cited)
        events = await ask(provider)
        assert events[-3:-1] == [Source("B", "https://b.example"), Source("A page", "https://a.example/x")]
        assert texts(events[:-3]) == "It rains."

    async def test_citations_in_the_last_event_alone_count(self, upstream: FakeUpstream, provider: OpenAIProvider):
        content = {"type": "output_text", "text": "Hi", "annotations": [citation("https://a.example")]}
        ended = {"type": "response.completed", "response": response([{"type": "message", "content": [content]}])}
        upstream.answer_events([{"type": "response.output_text.delta", "delta": "Hi"}, ended])
        assert Source("A page", "https://a.example") in await ask(provider)

    async def test_pages_cited_before_a_failure_stand(self, upstream: FakeUpstream, provider: OpenAIProvider):
        cited = {"type": "response.output_text.annotation.added", "annotation": citation("https://a.example")}
        upstream.answer_events([{"type": "response.output_text.delta", "delta": "Hi"}, cited])
        events: list[object] = []
        with pytest.raises(Truncated):
            async for event in provider.stream(HELLO):
                events.append(event)
        assert events[-1] == Source("A page", "https://a.example")

    @pytest.mark.parametrize(
        "annotation",
        [
            citation("javascript:alert(1)"),
            citation("data:text/html,x"),
            citation("ftp://example.com"),
            citation("https://"),
            citation("https://[broken"),
            citation(f"https://example.com/{'x' * 5000}"),
            citation(None),
            {"type": "file_citation", "file_id": "f", "filename": "a.pdf"},
            None,
            "https://example.com",
        ],
    )
    async def test_what_is_no_address_of_a_web_page_is_no_source(
        self, upstream: FakeUpstream, provider: OpenAIProvider, annotation: Any
    ):
        upstream.answer("Hi", annotations=[annotation])
        assert not [event for event in await ask(provider) if isinstance(event, Source)]

    async def test_the_number_of_sources_is_bounded(self, upstream: FakeUpstream, provider: OpenAIProvider):
        upstream.answer("Hi", annotations=[citation(f"https://example.com/{number}") for number in range(150)])
        assert len([event for event in await ask(provider) if isinstance(event, Source)]) == 100


async def test_reasoning_up_to_the_limit_is_no_error(upstream: FakeUpstream, provider: OpenAIProvider):
    upstream.answer("", finish_reason="length")
    assert await ask(provider) == [StepEnded("length", "fake-model", Usage(11, 7, 18))]


async def test_reasoning_and_text_come_as_they_are_sent(upstream: FakeUpstream, provider: OpenAIProvider):
    upstream.answer("Hello there", reasoning="Hmmmmm.", chunk_size=6)
    assert (await ask(provider))[:-1] == [Reasoning("Hmmmmm"), Reasoning("."), Text("Hello "), Text("there")]


async def test_a_search_in_chat_completions_has_sources_too(upstream: FakeUpstream):
    server = OpenAIServer(upstream.base_url, "")
    provider = OpenAIProvider(server, "m", system_prompt="", max_tokens=None)
    annotation = {"type": "url_citation", "url_citation": {"url": "https://a.example", "title": "A"}}
    delta = {"choices": [{"delta": {"content": "Hi", "annotations": [annotation]}, "finish_reason": "stop"}]}
    upstream.answer_chunks([delta])
    events = await ask(provider)
    await server.close()
    assert events[:2] == [Text("Hi"), Source("A", "https://a.example")]


async def test_errors_are_those_of_chat_completions(upstream: FakeUpstream, provider: OpenAIProvider):
    upstream.fail(401, {"error": {"message": "Incorrect API key provided: sk-abc", "code": "invalid_api_key"}})
    with pytest.raises(ModelError) as caught:
        await ask(provider)
    assert type(caught.value) is Misconfigured
    assert "sk-abc" not in str(caught.value)
