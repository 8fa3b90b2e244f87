"""Custom agents: async generators, registered by a decorator."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from chat_app.agent import Agent, Agents, Ask, Data, Reasoning, Text, agent, registered
from chat_app.models.errors import InvalidRequest
from chat_app.models.events import ModelEvent, StepEnded
from chat_app.models.message import Role, Turn
from chat_app.services.answering.ai_service import AIService, TimeLimits
from tests.echo_agent import echo_agent
from tests.fakes import ScriptedProvider, agents_of


@pytest.fixture(autouse=True)
def echo(tmp_path: Path) -> Iterator[None]:
    with echo_agent(tmp_path):
        yield


async def weather(ask: Ask) -> AsyncGenerator[str | Reasoning | Data, None]:
    yield Reasoning(f"{len(ask.messages)} messages")
    yield "It will "
    yield ""
    yield "rain."
    yield Data("forecast", {"rain": 0.4})


async def events_of(*agents: Agent, model: str, provider: ScriptedProvider) -> list[ModelEvent]:
    ai = AIService(agents_of(provider, *agents), limits=TimeLimits(60.0), max_chars=1000)
    async with aclosing(
        ai.answer(Ask.of("Rain?", [Turn(Role.USER, "Hi"), Turn(Role.ASSISTANT, "Hello.")]), model)
    ) as events:
        return [event async for event in events]


def test_a_file_in_the_folder_is_an_agent():
    (found,) = registered()
    assert (found.name, found.title, found.starters) == ("echo", "Echo", ("Say this",))
    assert [each.name for each in registered()] == ["echo"]  # once more


async def test_an_agent_is_tested_without_a_server():
    (found,) = registered()
    assert [piece async for piece in found.answer(Ask.of("hi"))][1] == "You said: hi"


def test_two_agents_with_one_name_are_refused():
    registered()
    with pytest.raises(ValueError, match="two agents have the name 'echo'"):
        agent("echo")(weather)


def test_an_agent_with_the_models_name_is_refused(provider: ScriptedProvider):
    with pytest.raises(ValueError, match="the name 'scripted'"):
        agents_of(provider, Agent("scripted", weather))


async def test_the_answer_is_the_pieces_that_an_agent_yields(provider: ScriptedProvider):
    assert await events_of(Agent("weather", weather), model="weather", provider=provider) == [
        Reasoning("3 messages"),
        Text("It will "),
        Text("rain."),
        Data("forecast", {"rain": 0.4}),
        StepEnded("stop", "weather"),
    ]


async def odd(_: Ask) -> AsyncGenerator[str | Reasoning | Text, None]:
    yield Text("")
    yield Reasoning("")
    yield "half of an emoji: \ud83d"


async def test_empty_pieces_and_what_cannot_be_encoded_are_left_out(provider: ScriptedProvider):
    events = await events_of(Agent("odd", odd), model="odd", provider=provider)
    assert events == [Text("half of an emoji: ?"), StepEnded("stop", "odd")]


@pytest.mark.parametrize("piece", [None, 5, Data("set", {1}), StepEnded(None)], ids=repr)  # pyright: ignore[reportArgumentType] - wrong on purpose
async def test_a_piece_that_cannot_be_stored_is_the_agents_error(piece: Any, provider: ScriptedProvider):
    async def wrong(_: Ask) -> AsyncGenerator[Any, None]:
        yield piece

    with pytest.raises((TypeError, ValueError)):
        await events_of(Agent("wrong", wrong), model="wrong", provider=provider)


async def test_parts_other_than_text_count_towards_the_length(provider: ScriptedProvider):
    async def endless(_: Ask) -> AsyncGenerator[Data, None]:
        while True:
            yield Data("numbers", [1] * 100)

    *parts, end = await events_of(Agent("endless", endless), model="endless", provider=provider)
    assert end == StepEnded("length")
    assert 1 <= len(parts) <= 10  # of 1,000 characters


async def test_a_request_without_an_agents_name_is_answered_by_the_model(provider: ScriptedProvider):
    provider.say("Hello.")
    provider.finish()
    events = await events_of(Agent("weather", weather), model="", provider=provider)
    assert events == [Text("Hello."), StepEnded("stop", "scripted")]


async def test_an_unknown_agents_name_is_refused(provider: ScriptedProvider):
    with pytest.raises(InvalidRequest):
        await events_of(model="unknown", provider=provider)


def test_the_default_agent_comes_first(provider: ScriptedProvider):
    agents: Agents = agents_of(provider, Agent("weather", weather))
    assert [each.name for each in agents] == ["scripted", "weather"]
    assert agents.get("") is agents.default
