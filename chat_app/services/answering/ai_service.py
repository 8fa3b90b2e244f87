"""Asks agents, and holds them to the time and length an answer may take."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from itertools import groupby
from math import inf

from chat_app.agent import Agent, Agents, Ask
from chat_app.models.errors import InvalidRequest
from chat_app.models.events import Alive, ModelEvent, ProviderEvent, StepEnded
from chat_app.models.message import Turn
from chat_app.models.parts import GrowingPart, Text, growth, with_growth
from chat_app.models.request import DEFAULT_OPTIONS, Options
from chat_app.services.answering.deadline import Deadline
from chat_app.services.ports import Provider


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """Seconds that an answer may take.

    Attributes:
        whole: From the question to the end, whatever comes meanwhile.
        first: Between signs of life before the first piece of text or reasoning.
        gap: Between pieces or signs of life after it.
    """

    whole: float
    first: float = inf
    gap: float = inf


class AIService:
    """Agents, held to limits.

    Args:
        max_chars: Characters of reasoning and text an answer may have; it is cut there, as by a model's own limit.
    """

    def __init__(self, agents: Agents, *, limits: TimeLimits, max_chars: int) -> None:
        self._agents = agents
        self._limits = limits
        self._max_chars = max_chars

    def knows(self, model: str) -> bool:
        """Whether there is an agent with this name."""
        return self._agents.get(model) is not None

    def stream_chat(
        self, message: str, history: Sequence[Turn] = (), *, options: Options = DEFAULT_OPTIONS
    ) -> AsyncGenerator[ModelEvent, None]:
        """Answer ``message`` after ``history`` with the default agent; ``answer`` in its simplest form."""
        return self.answer(Ask.of(message, history, options=options))

    async def answer(self, ask: Ask, model: str = "") -> AsyncGenerator[ModelEvent, None]:
        """Answer the last of the messages; ends with one ``StepEnded``.

        Args:
            model: The name of the agent; the default one if it is empty.

        Raises:
            InvalidRequest: There is no such agent.
            ModelError: The model failed or took too long. Pieces yielded before stand.
        """
        if (agent := self._agents.get(model)) is None:
            raise InvalidRequest(f"no agent {model!r}")
        ask = replace(ask, messages=_alternating(ask.messages))
        room = self._max_chars
        async with aclosing(self._in_time(_events(agent, ask))) as events:
            async for event in events:
                if isinstance(event, StepEnded):
                    yield event
                    return
                text = growth(event)
                if len(text) > room:
                    if room and isinstance(event, GrowingPart):
                        yield with_growth(event, text[:room])
                    yield StepEnded("length")
                    return
                room -= len(text)
                yield event

    async def _in_time(self, events: AsyncGenerator[ProviderEvent, None]) -> AsyncGenerator[ModelEvent, None]:
        now = asyncio.get_running_loop().time
        end = now() + self._limits.whole
        patience = self._limits.first
        async with aclosing(events):
            with Deadline(min(now() + patience, end)) as deadline:
                while event := await deadline.wait(anext(events, None)):
                    if not isinstance(event, Alive):
                        patience = self._limits.gap
                        yield event
                    deadline.due = min(now() + patience, end)


def model_agent(name: str, provider: Provider) -> Agent:
    """A model as an agent."""
    return Agent(name, lambda ask: provider.stream(ask.messages, ask.options))


async def _events(agent: Agent, ask: Ask) -> AsyncGenerator[ProviderEvent, None]:
    """What the agent yields, with ``Text`` in place of strings; ends with one ``StepEnded``."""
    async with aclosing(agent.answer(ask)) as pieces:
        async for piece in pieces:
            if not isinstance(piece, str):
                yield piece
                if isinstance(piece, StepEnded):
                    return
            elif piece:
                yield Text(piece)
    yield StepEnded("stop", agent.name)


def _alternating(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """Turns in which neighbours have different roles: the templates of some models (Gemma, Mistral) refuse others."""
    groups = groupby(turns, key=lambda turn: turn.role)
    return tuple(Turn(role, "\n\n".join(turn.text for turn in group)) for role, group in groups)
