"""AI service: answers of agents, within limits of time and length."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from itertools import groupby
from math import inf

from chat_app.agent import Agent, Agents, Ask, Piece
from chat_app.models import codec
from chat_app.models.errors import InvalidRequest, TooLong
from chat_app.models.events import Alive, ModelEvent, StepEnded
from chat_app.models.message import Turn
from chat_app.models.parts import Data, Part, Reasoning, Source, Text, with_growth
from chat_app.models.request import DEFAULT_OPTIONS, EARLIER_MESSAGES, LEFT_OUT, Options
from chat_app.models.text import encodable
from chat_app.services.answering.context import fitting, shortened
from chat_app.services.answering.deadline import Deadline
from chat_app.services.answering.prompt_files import Prompt, with_files_read
from chat_app.services.answering.quotes import QuotedFile, quoted_sources
from chat_app.services.ports import Provider

_END = object()


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """Timeouts of an answer, in seconds.

    Attributes:
        whole: Total time, from the question to the end.
        first: Idle time before any text, and after pieces other than text: models think and search in silence.
        gap: Idle time after a piece of text. Each piece and each ``Alive`` restarts both.
    """

    whole: float
    first: float = inf
    gap: float = inf


class AIService:
    """Asks agents, and enforces limits on their answers.

    Args:
        agents: The agents to choose from.
        limits: Timeouts.
        max_chars: Maximum characters of an answer: of its texts and reasoning, and of its other parts as JSON. A longer
            one is cut off and ends with ``finish_reason`` ``length``.
        max_document_chars: Maximum characters of the files in a prompt.
    """

    def __init__(
        self, agents: Agents, *, limits: TimeLimits, max_chars: int, max_document_chars: int = 200_000
    ) -> None:
        self._agents = agents
        self._limits = limits
        self._max_chars = max_chars
        self._max_document_chars = max_document_chars

    def knows(self, model: str) -> bool:
        """Return True if an agent has this name; the empty name is the default agent's."""
        return self._agents.get(model) is not None

    def stream_chat(
        self, message: str, history: Sequence[Turn] = (), *, options: Options = DEFAULT_OPTIONS
    ) -> AsyncGenerator[ModelEvent, None]:
        """Answer ``message`` after ``history`` with the default agent: the simple form of ``answer``."""
        return self.answer(Ask.of(message, history, options=options))

    async def answer(self, ask: Ask, model: str = "") -> AsyncGenerator[ModelEvent, None]:
        """Stream an agent's answer to the last message of ``ask``.

        Args:
            model: The agent's name; empty for the default agent.

        Yields:
            Pieces of parts, and one ``StepEnded`` at the end.

        Raises:
            InvalidRequest: No agent has this name.
            ModelError: The model failed or timed out. Pieces yielded before stay valid.
        """
        if (agent := self._agents.get(model)) is None:
            raise InvalidRequest(f"no agent {model!r}")
        turns = _merged_turns(ask.messages)
        prompt = Prompt(turns)
        if any(turn.files for turn in turns):
            prompt = await with_files_read(turns, self._max_document_chars, sees=agent.abilities.images)
        ask = replace(ask, messages=prompt.turns)
        room = self._max_chars
        texts: list[str] = []
        async with aclosing(self._events(agent, ask)) as events:
            async for event in events:
                if isinstance(event, StepEnded):
                    for source in await self._quoted("".join(texts), prompt.files):
                        yield source
                    yield event
                    return
                if prompt.files and isinstance(event, Text):
                    texts.append(event.text)
                size = _size(event)
                if size > room:
                    if room and isinstance(event, Text | Reasoning):
                        yield with_growth(event, event.text[:room])
                    yield StepEnded("length")
                    return
                room -= size
                yield event

    async def _quoted(self, answer: str, files: Sequence[QuotedFile]) -> list[Source]:
        """Return the files' passages that the answer quotes, checked; in a thread, since files are long."""
        return await asyncio.to_thread(quoted_sources, answer, files) if files else []

    async def _events(self, agent: Agent, ask: Ask) -> AsyncGenerator[ModelEvent, None]:
        """Stream the agent's pieces within the timeouts, strings as ``Text``, and exactly one ``StepEnded`` at the end.

        Raises:
            ModelError: A timeout has passed.
            TypeError, ValueError: A piece isn't a part, or can't be stored. In storage or the log it would
                stop other answers too.
        """
        now = asyncio.get_running_loop().time
        end = now() + self._limits.whole
        idle_timeout = self._limits.first
        answer = _pieces(agent, ask) if ask.options.are_optional else agent.answer(ask)
        async with aclosing(answer) as pieces:
            with Deadline(min(now() + idle_timeout, end)) as deadline:
                while (piece := await deadline.wait(anext(pieces, _END))) is not _END:
                    if isinstance(piece, StepEnded):
                        yield codec.checked_step(piece)
                        return
                    if not isinstance(piece, Alive):
                        event = _checked(piece)
                        if isinstance(event, (Text, Reasoning)) and not event.text:  # it would begin an invisible part
                            continue
                        idle_timeout = self._limits.gap if isinstance(event, Text) else self._limits.first
                        yield event
                    deadline.due = min(now() + idle_timeout, end)
        yield StepEnded("stop", agent.name)


def model_agent(name: str, provider: Provider) -> Agent:
    """Return an agent that passes questions on to a model."""
    return Agent(name, lambda ask: provider.stream(ask.messages, ask.options), learned=lambda: provider.learned)


async def _pieces(agent: Agent, ask: Ask) -> AsyncGenerator[Piece, None]:
    """Stream the agent's pieces, without the earliest messages where the model's context is too short.

    Raises:
        TooLong: The rest is still too long.
    """
    context = agent.learned().or_else(agent.abilities).context
    messages = fitting(ask.messages, context, ask.options)
    while True:
        has_begun = False
        try:
            async with aclosing(agent.answer(replace(ask, messages=messages))) as pieces:
                async for piece in pieces:
                    if not (has_begun or isinstance(piece, Alive)):
                        has_begun = True
                        if len(messages) < len(ask.messages):
                            yield Data(LEFT_OUT, EARLIER_MESSAGES)
                    yield piece
        except TooLong:
            shorter = shortened(messages)
            if has_begun or len(shorter) == len(messages):
                raise
            messages = shorter
        else:
            return


def _checked(piece: object) -> Part:
    match piece:
        case str():
            return Text(encodable(piece))
        case Text(str(text), False) | Reasoning(str(text), None):  # fast path: nearly all pieces
            return piece if encodable(text) == text else with_growth(piece, encodable(text))
        case _:
            return codec.checked(piece)


def _size(part: Part) -> int:
    return len(part.text) if isinstance(part, Text | Reasoning) else len(str(codec.to_json(part)))


def _merged_turns(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """Merge neighbours of the same role: chat templates of some models (Gemma, Mistral) refuse them."""
    groups = ((role, [*group]) for role, group in groupby(turns, key=lambda turn: turn.role))
    return tuple(
        Turn(
            role,
            "\n\n".join(turn.text for turn in group if turn.text or len(group) == 1),
            tuple(file for turn in group for file in turn.files),
        )
        for role, group in groups
    )
