"""Contract of ``ports.Provider``: pieces, then one ``StepEnded`` or an error, after which the pieces stand."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass

import pytest

from chat_app.infrastructure.demo.provider import DemoProvider
from chat_app.infrastructure.openai.provider import OpenAIProvider
from chat_app.infrastructure.openai.server import OpenAIServer
from chat_app.models.errors import ModelError, Truncated, UpstreamFailed
from chat_app.models.events import Alive, StepEnded
from chat_app.models.message import Role, Turn
from chat_app.models.parts import Reasoning, Text
from chat_app.services.ports import Provider
from tests.fake_upstream import FakeUpstream
from tests.fakes import ScriptedProvider, until

ANSWERED, BROKEN, FAILED = "Think first", "Drop the connection", "Fail"
"""Questions for: an answer with reasoning, one that breaks off in the middle, an error before the first piece."""


@dataclass(frozen=True)
class Model:
    """A provider under the control of a test.

    Attributes:
        prepare: Makes the next answer the one that the question asks for.
        open: Returns the number of running answers.
        server: The server of the model, if it has one.
    """

    provider: Provider
    prepare: Callable[[str], None]
    open: Callable[[], int]
    server: OpenAIServer | None = None


def scripted(_: FakeUpstream) -> Model:
    provider = ScriptedProvider()

    def prepare(question: str) -> None:
        if question == ANSWERED:
            provider.say(Reasoning("Hm."), "Hel", "lo.")
            provider.finish()
        elif question == BROKEN:
            provider.say("Hel")
            provider.fail(Truncated("broken off"))
        else:
            provider.fail(UpstreamFailed("failed"))

    return Model(provider, prepare, lambda: provider.open)


def demo(_: FakeUpstream) -> Model:
    """The demo model, which plays the situation that the question asks for."""
    return Model(DemoProvider(pace=0), lambda _: None, lambda: 0)


def chat_completions(upstream: FakeUpstream) -> Model:
    return openai(upstream, has_responses=False)


def responses(upstream: FakeUpstream) -> Model:
    return openai(upstream, has_responses=True)


def openai(upstream: FakeUpstream, *, has_responses: bool) -> Model:
    server = OpenAIServer(upstream.base_url, "sk-test")
    provider = OpenAIProvider(server, "m", system_prompt="", max_tokens=None, has_responses=has_responses)

    def prepare(question: str) -> None:
        if question == ANSWERED:
            upstream.answer("Hello.", reasoning="Hm.")
        elif question == BROKEN:
            upstream.reset_after(2)
        else:
            upstream.fail(500)

    return Model(provider, prepare, lambda: upstream.open_connections, server)


@pytest.fixture
def upstream() -> Iterator[FakeUpstream]:
    with FakeUpstream() as upstream:
        yield upstream


@pytest.fixture(params=[scripted, demo, chat_completions, responses])
async def model(request: pytest.FixtureRequest, upstream: FakeUpstream) -> AsyncIterator[Model]:
    model: Model = request.param(upstream)
    yield model
    if model.server:
        await model.server.close()


def turns(question: str) -> list[Turn]:
    return [Turn(Role.USER, question)]


async def test_an_answer_is_pieces_of_text_and_reasoning_and_one_end(model: Model):
    model.prepare(ANSWERED)
    events = [event async for event in model.provider.stream(turns(ANSWERED))]
    pieces = [event for event in events[:-1] if not isinstance(event, Alive)]
    assert {type(piece) for piece in pieces} == {Reasoning, Text}
    assert all(piece.text for piece in pieces if isinstance(piece, Reasoning | Text))
    end = events[-1]
    assert isinstance(end, StepEnded)
    assert end.finish == "stop"
    assert end.model


async def test_pieces_before_an_error_stand(model: Model):
    model.prepare(BROKEN)
    texts: list[str] = []
    with pytest.raises(Truncated):
        async for event in model.provider.stream(turns(BROKEN)):
            assert not isinstance(event, StepEnded)
            texts += [event.text] if isinstance(event, Text) else []
    assert "".join(texts)


async def test_an_error_before_the_first_piece_is_a_model_error(model: Model):
    model.prepare(FAILED)
    with pytest.raises(ModelError):
        await anext(model.provider.stream(turns(FAILED)))


async def test_closing_the_stream_ends_the_models_work(model: Model):
    model.prepare(ANSWERED)
    async with aclosing(model.provider.stream(turns(ANSWERED))) as stream:
        await anext(stream)
    await until(lambda: model.open() == 0)
