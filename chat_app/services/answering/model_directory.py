"""The models of servers as agents, kept up to date with what the servers list."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from chat_app.agent import Agent, Agents
from chat_app.models.errors import ModelError
from chat_app.models.listed_model import UNKNOWN_ABILITIES, Abilities, ListedModel
from chat_app.services.answering.ai_service import model_agent
from chat_app.services.ports import ModelList, Provider

logger = logging.getLogger(__name__)

REFRESH = 600.0  # seconds between two lists
FRESH = 10.0  # seconds before an unknown name causes another list


@dataclass(frozen=True, slots=True)
class ServedModels:
    """A server with its models.

    Attributes:
        name: Prefix of the models' names in this app, and their heading; empty for none.
        server: Lists the models.
        provider: Returns the provider of a model, by its name on the server.
        chosen: The models to offer: titles by name. Empty for all that the server lists.
        abilities: Those of all its models, which count before those in the list.
    """

    name: str
    server: ModelList
    provider: Callable[[str], Provider]
    chosen: Mapping[str, str]
    abilities: Abilities = UNKNOWN_ABILITIES

    def agent(self, model: ListedModel) -> Agent:
        """Return a model of this server as an agent."""
        return replace(
            model_agent(f"{self.name}/{model.name}" if self.name else model.name, self.provider(model.name)),
            title=model.title or model.name,
            group=self.name,
            abilities=self.abilities.or_else(model.abilities),
        )


class ModelDirectory:
    """Offers the models of servers as agents.

    Args:
        agents: Receives the models.
        servers: The servers, the default one first. A server that fails keeps the models of its last list.
        follows_list: If the list lacks the default model, its first model becomes the default one.
    """

    def __init__(self, agents: Agents, servers: Sequence[ServedModels], *, follows_list: bool = False) -> None:
        self._agents = agents
        self._servers = servers
        self._follows_list = follows_list
        self._listed = [[ListedModel(*model) for model in server.chosen.items()] for server in servers]
        # Cached: a model's provider learns its server's parameters.
        self._agent = cache(lambda index, model: servers[index].agent(model))
        self._failing: set[str] = set()
        self._refreshing: asyncio.Task[None] | None = None
        self._refreshed = float("-inf")
        self._offer()

    async def open(self, patience: float) -> None:
        """List the models of all servers, for at most ``patience`` seconds; then the list goes on in the background."""
        await asyncio.wait([self._begin_refresh()], timeout=patience)

    async def keep_refreshing(self) -> None:
        """List the models of all servers again every ``REFRESH`` seconds."""
        while any(not server.chosen for server in self._servers):
            await asyncio.sleep(REFRESH)
            await self.refresh()

    async def refresh(self) -> None:
        """List the models of all servers. Calls at the same time share one list."""
        await asyncio.shield(self._begin_refresh())

    async def find(self, name: str) -> Agent | None:
        """Return the agent with this name; ``None`` if a new list doesn't have it either."""
        is_fresh = asyncio.get_running_loop().time() - self._refreshed < FRESH
        if (known := self._agents.get(name)) or is_fresh or not self._servers:
            return known
        await self.refresh()
        return self._agents.get(name)

    async def close(self) -> None:
        """Stop listing."""
        if self._refreshing:
            self._refreshing.cancel()
            await asyncio.wait([self._refreshing])

    def _begin_refresh(self) -> asyncio.Task[None]:
        if self._refreshing is None:
            self._refreshing = asyncio.create_task(self._refresh())
        return self._refreshing

    async def _refresh(self) -> None:
        try:
            lists = await asyncio.gather(*map(self._list, self._servers))
            self._listed = [new or old for new, old in zip(lists, self._listed, strict=True)]
            self._offer()
        finally:
            self._refreshed = asyncio.get_running_loop().time()
            self._refreshing = None

    async def _list(self, served: ServedModels) -> Sequence[ListedModel]:
        """List the models of a server; empty if its models are chosen in the configuration, or if it fails."""
        if served.chosen:
            return ()
        try:
            found = await served.server.models()
        except ModelError as error:
            if served.name not in self._failing:
                self._failing.add(served.name)
                logger.warning("the models of %s can't be listed: %s", served.name or "the model server", error)
            return ()
        self._failing.discard(served.name)
        return found

    def _offer(self) -> None:
        models = [self._agent(index, model) for index, listed in enumerate(self._listed) for model in listed]
        self._agents.offer(models, self._new_default(models))

    def _new_default(self, models: Iterable[Agent]) -> str:
        """Return the name of the model that becomes the default one; empty for no change."""
        names = [model.name for model in models]
        return names[0] if self._follows_list and names and self._agents.default.name not in names else ""
