"""The menu of models and agents."""

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby

import reflex as rx

from chat_app.agent import Agent
from chat_app.models.listed_model import UNKNOWN_ABILITIES
from chat_app.wiring import services


@dataclass(frozen=True)
class ModelChoice:
    """A model or an agent in the menu."""

    name: str
    title: str


@dataclass(frozen=True)
class ModelGroup:
    """Models below one heading.

    Attributes:
        title: The heading; empty for none.
    """

    title: str
    models: list[ModelChoice] = field(default_factory=list)


@dataclass(frozen=True)
class ChosenAbilities:
    """What the chosen model can take. It counts as able to where nothing is known, except for searching the web."""

    images: bool = True
    reasoning: bool = True
    web_search: bool = False


@dataclass(frozen=True)
class Starter:
    """A first message for an agent, suggested in a new conversation."""

    text: str
    agent: str


class ModelMenuState(rx.State, mixin=True):
    """Mixin: the models and agents to choose from, and the one of the conversation.

    Attributes:
        model_groups: All models and agents by heading, those without a heading first.
        has_choice: Whether there is more than one.
        starters: The first messages that agents suggest.
        model: The name of the model that answered last in this conversation. In a new conversation, it is the last one
            used on this page, or the default one.
        abilities: Those of the model that is chosen in the menu for the next message.
    """

    model_groups: rx.Field[list[ModelGroup]] = rx.field(default_factory=list)
    has_choice: bool = False
    starters: rx.Field[list[Starter]] = rx.field(default_factory=list)
    model: str = ""
    abilities: rx.Field[ChosenAbilities] = rx.field(default_factory=ChosenAbilities)

    @rx.event
    async def choose_model(self, name: str) -> None:
        """Show what the model can take that the menu now names; a message brings its choice with it."""
        self._show_abilities(name)

    def _show_models(self) -> None:
        """Update the menu to the present models."""
        agents = tuple(services().agents)
        groups = _groups(agents)
        if groups != self.model_groups:
            self.model_groups = groups
            self.has_choice = sum(len(group.models) for group in groups) > 1
            self.starters = [Starter(text, each.name) for each in agents for text in each.starters]

    def _select(self, name: str) -> None:
        """Select a model in the menu; the default one if ``name`` is unknown."""
        agent = services().agents.get(name) or services().agents.default
        self.model = agent.name
        self._show_abilities(agent.name)

    def _show_abilities(self, name: str) -> None:
        chosen = next((each for each in services().agents if each.name == name), None)
        known = chosen.learned().or_else(chosen.abilities) if chosen else UNKNOWN_ABILITIES
        self.abilities = ChosenAbilities(
            images=known.images is not False,
            reasoning=known.reasoning is not False,
            web_search=known.web_search is True,
        )


@lru_cache(maxsize=1)  # one list for all pages, since a server may have hundreds of models
def _groups(agents: tuple[Agent, ...]) -> list[ModelGroup]:
    """Group by heading, those without a heading first; within a group the order stays."""
    headings = list(dict.fromkeys(each.group for each in agents))
    ordered = sorted(agents, key=lambda each: (each.group != "", headings.index(each.group)))
    by_heading = groupby(ordered, key=lambda each: each.group)
    return [ModelGroup(title, [*map(_choice, group)]) for title, group in by_heading]


def _choice(agent: Agent) -> ModelChoice:
    return ModelChoice(agent.name, agent.title or agent.name)
