"""The models of servers as agents."""

import asyncio
from collections.abc import Mapping

import pytest

from chat_app.agent import Agents
from chat_app.models.errors import ModelError, Unreachable
from chat_app.models.listed_model import Abilities, ListedModel
from chat_app.services.answering import model_directory
from chat_app.services.answering.ai_service import model_agent
from chat_app.services.answering.model_directory import ModelDirectory, ServedModels
from tests.fakes import ScriptedProvider


class Server:
    """A server with the models of a test.

    Attributes:
        names: The names of its models, or the error that its list fails with.
        lists: The number of requests for its list.
    """

    def __init__(self, *names: str) -> None:
        self.names: tuple[str, ...] | ModelError = names
        self.lists = 0

    async def models(self) -> list[ListedModel]:
        self.lists += 1
        await asyncio.sleep(0)
        if isinstance(self.names, ModelError):
            raise self.names
        return [ListedModel(name) for name in self.names]


def served(server: Server, name: str = "", chosen: Mapping[str, str] | None = None) -> ServedModels:
    return ServedModels(name, server, lambda _: ScriptedProvider(), chosen or {})


def make_agents(default: str = "gpt-5-mini", *others: str) -> Agents:
    return Agents(model_agent(default, ScriptedProvider()), [model_agent(each, ScriptedProvider()) for each in others])


def names(agents: Agents) -> list[str]:
    return [each.name for each in agents]


async def test_the_models_of_all_servers_are_offered_with_their_servers_prefix():
    agents = make_agents("a", "echo")
    await ModelDirectory(agents, [served(Server("a", "b")), served(Server("a"), "ollama")]).refresh()
    assert names(agents) == ["a", "b", "ollama/a", "echo"]
    found = agents.get("ollama/a")
    assert found
    assert (found.title, found.group) == ("a", "ollama")


async def test_what_is_configured_about_the_models_of_a_server_counts_before_its_list():
    class Sees(Server):
        async def models(self) -> list[ListedModel]:
            return [ListedModel("a", abilities=Abilities(images=True, tools=True))]

    agents = make_agents("default")
    configured = ServedModels("", Sees(), lambda _: ScriptedProvider(), {}, Abilities(images=False, web_search=True))
    await ModelDirectory(agents, [configured]).refresh()
    found = agents.get("a")
    assert found
    assert found.abilities == Abilities(images=False, tools=True, web_search=True)


async def test_chosen_models_are_offered_in_their_order_without_a_list():
    agents, server = make_agents("b"), Server("z")
    directory = ModelDirectory(agents, [served(server, chosen={"b": "Bee", "a": ""})])
    assert [(each.name, each.title) for each in agents] == [("b", "Bee"), ("a", "a")]
    await directory.refresh()
    await directory.keep_refreshing()  # has nothing to do
    assert names(agents) == ["b", "a"]
    assert server.lists == 0


async def test_a_server_that_cannot_be_reached_keeps_its_models_and_is_logged_once(caplog: pytest.LogCaptureFixture):
    agents, server = make_agents("a"), Server("a", "b")
    directory = ModelDirectory(agents, [served(server), served(Server("c"), "other")])
    await directory.refresh()
    server.names = Unreachable("refused")
    for _ in range(3):
        await directory.refresh()
    assert names(agents) == ["a", "b", "other/c"]
    assert caplog.text.count("can't be listed: refused") == 1
    server.names = ("a",)
    await directory.refresh()
    assert names(agents) == ["a", "other/c"]


async def test_without_a_list_only_the_configured_model_is_offered():
    agents, server = make_agents("a"), Server()
    server.names = Unreachable("refused")
    await ModelDirectory(agents, [served(server)], follows_list=True).refresh()
    assert names(agents) == ["a"]


@pytest.mark.parametrize(
    ("follows_list", "listed", "default"),
    [
        (True, ["llama", "qwen"], "llama"),
        (True, ["llama", "gpt-5-mini"], "gpt-5-mini"),
        (False, ["llama", "qwen"], "gpt-5-mini"),
    ],
)
async def test_the_first_listed_model_is_the_default_if_none_is_configured_and_the_list_lacks_it(
    follows_list: bool, listed: list[str], default: str
):
    agents = make_agents()
    await ModelDirectory(agents, [served(Server(*listed))], follows_list=follows_list).refresh()
    assert agents.default.name == names(agents)[0] == default
    assert agents.get("") is agents.default


async def test_the_default_model_has_the_abilities_in_the_list():
    class Short(Server):
        async def models(self) -> list[ListedModel]:
            return [ListedModel("a", abilities=Abilities(context=8192))]

    agents = make_agents("a")
    await ModelDirectory(agents, [served(Short())]).refresh()
    assert agents.get("") is agents.get("a") is agents.default
    assert agents.default.abilities.context == 8192


async def test_an_agent_keeps_its_name_when_a_server_lists_a_model_of_that_name():
    agents = make_agents("a", "echo")
    echo = agents.get("echo")
    await ModelDirectory(agents, [served(Server("a", "echo"))]).refresh()
    assert agents.get("echo") is echo
    assert names(agents) == ["a", "echo"]


async def test_a_model_is_the_same_agent_after_another_list():
    agents = make_agents("a")
    directory = ModelDirectory(agents, [served(Server("a", "b"))])
    await directory.refresh()
    before = agents.get("b")
    await directory.refresh()
    assert agents.get("b") is before


async def test_an_unknown_model_is_looked_for_in_a_new_list_but_not_with_each_question(monkeypatch: pytest.MonkeyPatch):
    agents, server = make_agents("a"), Server("a")
    directory = ModelDirectory(agents, [served(server)])
    await directory.refresh()
    server.names = ("a", "new")
    assert await directory.find("new") is None
    assert server.lists == 1
    monkeypatch.setattr(model_directory, "FRESH", 0.0)
    found = await asyncio.gather(*(directory.find("new") for _ in range(5)))
    assert [each.name for each in found if each] == ["new"] * 5
    assert server.lists == 2
    assert await directory.find("a") is agents.default
    assert server.lists == 2


async def test_opening_does_not_wait_for_a_silent_server():
    never = asyncio.Event()

    class Silent(Server):
        async def models(self) -> list[ListedModel]:
            await never.wait()
            return []

    agents = make_agents("a")
    directory = ModelDirectory(agents, [served(Silent())])
    await asyncio.wait_for(directory.open(0.01), 5)
    assert names(agents) == ["a"]
    await directory.close()
