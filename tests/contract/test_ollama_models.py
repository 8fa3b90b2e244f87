"""The models of an Ollama server with their abilities, against a fake server."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from chat_app.infrastructure.openai.server import OpenAIServer
from chat_app.models.listed_model import Abilities
from tests.fake_upstream import FakeUpstream

pytestmark = pytest.mark.anyio

LLAVA = {
    "capabilities": ["completion", "vision"],
    "model_info": {"general.architecture": "llama", "llama.context_length": 32_768, "llama.block_count": 32},
}
QWEN = {"capabilities": ["completion", "tools", "thinking"], "model_info": {"qwen3.context_length": 40_960}}


@pytest.fixture
def upstream() -> Iterator[FakeUpstream]:
    with FakeUpstream() as server:
        yield server


@pytest.fixture
async def server(upstream: FakeUpstream) -> AsyncIterator[OpenAIServer]:
    server = OpenAIServer(upstream.base_url, "")
    yield server
    await server.close()


def list_models(upstream: FakeUpstream, *names: str, owner: str = "library") -> None:
    upstream.list_models(*({"id": name, "object": "model", "owned_by": owner} for name in names))


async def abilities(server: OpenAIServer) -> dict[str, Abilities]:
    return {model.name: model.abilities for model in await server.models()}


async def test_ollama_is_asked_once_for_the_abilities_of_each_model(upstream: FakeUpstream, server: OpenAIServer):
    list_models(upstream, "llava:7b", "qwen3")
    upstream.show_model("llava:7b", LLAVA)
    upstream.show_model("qwen3", QWEN)
    for _ in range(2):
        assert await abilities(server) == {
            "llava:7b": Abilities(images=True, tools=False, reasoning=False, context=32_768),
            "qwen3": Abilities(images=False, tools=True, reasoning=True, context=40_960),
        }
    assert sorted(upstream.shown) == ["llava:7b", "qwen3"]
    assert upstream.calls == 0


@pytest.mark.parametrize(
    "fields",
    [404, 500, {}, {"capabilities": None}, {"capabilities": "vision", "model_info": []}, {"capabilities": {}}],
)
async def test_a_model_that_ollama_says_nothing_about_is_listed_all_the_same(
    upstream: FakeUpstream, server: OpenAIServer, fields: Any
):
    list_models(upstream, "llava:7b", "old")
    upstream.show_model("llava:7b", LLAVA)
    upstream.show_model("old", fields)
    found = await abilities(server)
    assert found["old"] == Abilities()
    assert found["llava:7b"].images


async def test_a_context_that_is_no_length_is_unknown(upstream: FakeUpstream, server: OpenAIServer):
    list_models(upstream, "odd")
    upstream.show_model("odd", {"capabilities": ["completion"], "model_info": {"a.context_length": "long"}})
    assert (await abilities(server))["odd"].context is None


async def test_other_servers_are_not_asked(upstream: FakeUpstream, server: OpenAIServer):
    list_models(upstream, "gpt-5", owner="openai")
    assert await abilities(server) == {"gpt-5": Abilities()}
    assert upstream.shown == []
