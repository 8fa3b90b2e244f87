"""The AI service: prompts, timeouts and the length limit."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import pytest

from chat_app.models.errors import ModelTimeout, RateLimited
from chat_app.models.events import ModelEvent, StepEnded
from chat_app.models.message import Role, Turn
from chat_app.models.parts import Part, Reasoning, Text, ToolCall
from chat_app.models.request import DEFAULT_OPTIONS, Options
from chat_app.services.answering.ai_service import AIService, TimeLimits
from tests.clock import VIRTUAL_TIME, Backend
from tests.fakes import ScriptedProvider, agents_of, until

pytestmark = pytest.mark.usefixtures("nothing_left")

SHORT, LONG = 0.05, 60.0


@pytest.fixture(scope="module")
def anyio_backend() -> Backend:
    return VIRTUAL_TIME


async def ask(
    provider: ScriptedProvider, history: Sequence[Turn] = (), *, patience: float = LONG, max_chars: int = 1000
) -> list[ModelEvent]:
    ai = AIService(agents_of(provider), limits=TimeLimits(patience), max_chars=max_chars)
    async with aclosing(ai.stream_chat("Hello?", history)) as events:
        return [event async for event in events]


def user(text: str) -> Turn:
    return Turn(Role.USER, text)


def assistant(text: str) -> Turn:
    return Turn(Role.ASSISTANT, text)


class TestQuestion:
    async def test_the_message_comes_after_the_history(self, provider: ScriptedProvider):
        provider.finish()
        await ask(provider, [user("One?"), assistant("One.")])
        assert provider.calls == [[user("One?"), assistant("One."), user("Hello?")]]

    async def test_roles_alternate_since_some_models_insist(self, provider: ScriptedProvider):
        provider.finish()
        await ask(provider, [user("One?"), assistant("One."), assistant("Or two."), user("Three?")])
        assert provider.calls == [[user("One?"), assistant("One.\n\nOr two."), user("Three?\n\nHello?")]]

    async def test_no_model_is_asked_before_somebody_reads(self, provider: ScriptedProvider):
        await AIService(agents_of(provider), limits=TimeLimits(LONG), max_chars=1000).stream_chat("Hello?").aclose()
        assert provider.calls == []


class TestAnswer:
    async def test_an_answer_is_what_the_model_says(self, provider: ScriptedProvider):
        provider.say(Reasoning("Hm."), "Hel", "lo.")
        provider.finish()
        assert await ask(provider) == [Reasoning("Hm."), Text("Hel"), Text("lo."), StepEnded("stop", "scripted")]

    async def test_text_before_an_error_stands(self, provider: ScriptedProvider):
        provider.say("Hel")
        provider.fail(RateLimited())
        events: list[ModelEvent] = []
        with pytest.raises(RateLimited):
            async for event in AIService(agents_of(provider), limits=TimeLimits(LONG), max_chars=1000).stream_chat(
                "Hello?"
            ):
                events.append(event)
        assert events == [Text("Hel")]

    async def test_closing_an_answer_stops_the_model(self, provider: ScriptedProvider):
        provider.say("Hel")
        async with aclosing(
            AIService(agents_of(provider), limits=TimeLimits(LONG), max_chars=1000).stream_chat("Hello?")
        ) as events:
            await anext(events)
            assert provider.open == 1
        assert provider.open == 0


class TestLength:
    async def test_an_answer_of_just_the_length_is_whole(self, provider: ScriptedProvider):
        provider.say("Hello", " you.")
        provider.finish()
        assert await ask(provider, max_chars=10) == [Text("Hello"), Text(" you."), StepEnded("stop", "scripted")]

    @pytest.mark.parametrize("pieces", [("Hello", " you. And you?"), ("Hello you. And you?",), ("Hello you.", "?")])
    async def test_a_longer_answer_is_cut_at_the_limit_and_the_model_stops(
        self, provider: ScriptedProvider, pieces: tuple[str, ...]
    ):
        provider.say(*pieces)
        *chunks, end = await ask(provider, max_chars=10)
        assert "".join(chunk.text for chunk in chunks if isinstance(chunk, Text)) == "Hello you."
        assert end == StepEnded("length")
        assert provider.open == 0

    async def test_reasoning_counts_towards_the_length(self, provider: ScriptedProvider):
        provider.say(Reasoning("Hm, hm."), "Hello.")
        assert await ask(provider, max_chars=10) == [Reasoning("Hm, hm."), Text("Hel"), StepEnded("length")]

    async def test_a_cut_between_two_pieces_yields_no_empty_piece(self, provider: ScriptedProvider):
        provider.say("Hello you.", "And you?")
        assert await ask(provider, max_chars=10) == [Text("Hello you."), StepEnded("length")]


class TestTime:
    async def test_a_silent_model_is_given_up(self, provider: ScriptedProvider):
        with pytest.raises(ModelTimeout):
            await ask(provider, patience=SHORT)
        assert provider.open == 0

    async def test_the_time_limit_is_that_of_the_whole_answer(self):
        async with asyncio.timeout(5):
            with pytest.raises(ModelTimeout):
                await ask(Drip(), patience=SHORT, max_chars=10**9)

    @pytest.mark.parametrize("piece", [Reasoning("Hm."), ToolCall("c1", "web_search", "{}")])
    async def test_a_model_may_think_or_search_in_silence_longer_than_between_two_words(
        self, provider: ScriptedProvider, piece: Part
    ):
        ai = AIService(agents_of(provider), limits=TimeLimits(LONG, first=1.0, gap=SHORT), max_chars=1000)
        provider.say(piece)
        async with aclosing(ai.stream_chat("Hello?")) as events:
            await anext(events)
            asyncio.get_running_loop().call_later(SHORT * 3, provider.say, "Yes.")
            assert await anext(events) == Text("Yes.")
            with pytest.raises(ModelTimeout):
                await anext(events)

    async def test_a_cancelled_answer_has_no_time_out(self, provider: ScriptedProvider):
        asking = asyncio.create_task(ask(provider))
        await until(lambda: provider.open)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert provider.open == 0


class Drip(ScriptedProvider):
    """A model that streams without pause or end."""

    async def stream(
        self, turns: Sequence[Turn], options: Options = DEFAULT_OPTIONS
    ) -> AsyncGenerator[ModelEvent, None]:
        while True:
            await asyncio.sleep(SHORT / 10)
            yield Text(".")
