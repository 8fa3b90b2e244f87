"""Asks the model, and holds it to the time and length an answer may take."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from itertools import groupby

from chat_app.models.errors import ModelTimeout
from chat_app.models.events import Finish, ModelEvent
from chat_app.models.message import Role, Turn
from chat_app.services.ports import Provider


class AIService:
    """One model, with limits.

    Args:
        timeout: Seconds a whole answer may take.
        max_chars: Characters of reasoning and text an answer may have; it is cut there, as by the model's own limit.
    """

    def __init__(self, provider: Provider, *, timeout: float, max_chars: int) -> None:
        self._provider = provider
        self._timeout = timeout
        self._max_chars = max_chars

    async def stream_chat(self, message: str, history: Sequence[Turn] = ()) -> AsyncGenerator[ModelEvent, None]:
        """Answer ``message`` after ``history``; ends with one ``Finish``.

        Raises:
            ModelError: The model failed or took too long. Pieces yielded before stand.
        """
        turns = _alternating([*history, Turn(Role.USER, message)])
        room = self._max_chars
        async with aclosing(self._until_deadline(self._provider.stream(turns))) as events:
            async for event in events:
                if isinstance(event, Finish):
                    yield event
                    return
                if piece := event.text[:room]:
                    yield type(event)(piece)
                room -= len(event.text)
                if room < 0:
                    yield Finish("length")
                    return

    async def _until_deadline(self, events: AsyncGenerator[ModelEvent, None]) -> AsyncGenerator[ModelEvent, None]:
        deadline = asyncio.get_running_loop().time() + self._timeout
        async with aclosing(events):
            while True:
                # The time-out surrounds each step, not the loop: a generator must not cancel the task it yields to.
                try:
                    async with asyncio.timeout_at(deadline):
                        event = await anext(events)
                except StopAsyncIteration:
                    return
                except TimeoutError:
                    raise ModelTimeout(f"answer not complete after {self._timeout} s") from None
                yield event


def _alternating(turns: Sequence[Turn]) -> list[Turn]:
    """Turns in which neighbours have different roles: the templates of some models (Gemma, Mistral) refuse others."""
    groups = groupby(turns, key=lambda turn: turn.role)
    return [Turn(role, "\n\n".join(turn.text for turn in group)) for role, group in groups]
