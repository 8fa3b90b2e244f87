"""Asks the model, and holds it to the time and length an answer may take."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from itertools import groupby
from math import inf

from chat_app.models.events import Alive, Finish, ModelEvent, ProviderEvent
from chat_app.models.message import Role, Turn
from chat_app.models.options import DEFAULT_OPTIONS, Options
from chat_app.services.deadline import Deadline
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
    """One model, with limits.

    Args:
        max_chars: Characters of reasoning and text an answer may have; it is cut there, as by the model's own limit.
    """

    def __init__(self, provider: Provider, *, limits: TimeLimits, max_chars: int) -> None:
        self._provider = provider
        self._limits = limits
        self._max_chars = max_chars

    async def stream_chat(
        self, message: str, history: Sequence[Turn] = (), *, options: Options = DEFAULT_OPTIONS
    ) -> AsyncGenerator[ModelEvent, None]:
        """Answer ``message`` after ``history``; ends with one ``Finish``.

        Raises:
            ModelError: The model failed or took too long. Pieces yielded before stand.
        """
        turns = _alternating([*history, Turn(Role.USER, message)])
        room = self._max_chars
        async with aclosing(self._in_time(self._provider.stream(turns, options))) as events:
            async for event in events:
                if isinstance(event, Finish):
                    yield event
                    return
                if len(event.text) > room:
                    if room:
                        yield type(event)(event.text[:room])
                    yield Finish("length")
                    return
                room -= len(event.text)
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


def _alternating(turns: Sequence[Turn]) -> list[Turn]:
    """Turns in which neighbours have different roles: the templates of some models (Gemma, Mistral) refuse others."""
    groups = groupby(turns, key=lambda turn: turn.role)
    return [Turn(role, "\n\n".join(turn.text for turn in group)) for role, group in groups]
