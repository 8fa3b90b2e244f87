"""Agents: who answers. A model, a tool loop and a team's own agent are async generators over an ``Ask``.

    from chat_app.agent import Ask, agent

    @agent("echo", title="Echo")
    async def answer(ask: Ask):
        yield f"You said: {ask.question}"

In a file in ``chat_app/agents/`` it is in the page's menu, in ``/v1/models`` and at ``/stream?model=echo``. Its unit
test needs no server: ``[piece async for piece in answer(Ask.of("hi"))] == ["You said: hi"]``.
"""

import pkgutil
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TypeVar

from chat_app.models.events import Alive, StepEnded
from chat_app.models.message import Role, Turn
from chat_app.models.parts import Data, File, Part, Reasoning, Source, Text, ToolCall, ToolResult
from chat_app.models.principal import Principal, PrincipalKind
from chat_app.models.request import DEFAULT_OPTIONS, Options

__all__ = [
    "Agent",
    "Agents",
    "Ask",
    "Data",
    "File",
    "Reasoning",
    "Source",
    "Text",
    "ToolCall",
    "ToolResult",
    "agent",
]

Piece = str | Part | StepEnded | Alive


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A question to an agent.

    Attributes:
        messages: The conversation as far as the agent may see it, oldest first; the question is the last.
        user: The principal that asks.
        options: How the answer is to be written, as far as the client has chosen it.
    """

    messages: tuple[Turn, ...]
    user: Principal
    options: Options = DEFAULT_OPTIONS

    @property
    def question(self) -> str:
        return self.messages[-1].text

    @classmethod
    def of(cls, question: str, history: Sequence[Turn] = (), *, options: Options = DEFAULT_OPTIONS) -> "Ask":
        """A question by nobody in particular, for tests and for the server's own use."""
        nobody = Principal("nobody", PrincipalKind.LOCAL)
        return cls(messages=(*history, Turn(Role.USER, question)), user=nobody, options=options)


Answer = Callable[[Ask], AsyncGenerator[Piece, None]]
AnyAnswer = TypeVar("AnyAnswer", bound=Answer)


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent with the names that it is known by.

    Attributes:
        name: What clients ask for.
        title: What people read; the name if it is empty.
        answer: Yields the pieces of an answer: ``str`` is short for ``Text``, and pieces of one kind that follow each
            other are one part. It may end with a ``StepEnded``. An exception ends the answer as failed; closing the
            generator ends its work.
    """

    name: str
    answer: Answer
    title: str = ""


_registered: dict[str, Agent] = {}


def agent(name: str, *, title: str = "") -> Callable[[AnyAnswer], AnyAnswer]:
    """Register an async generator as an agent; the function itself stays as it is.

    Raises:
        ValueError: Another agent has this name.
    """

    def register(answer: AnyAnswer) -> AnyAnswer:
        known = _registered.get(name)
        if known and (known.answer.__module__, known.answer.__qualname__) != (answer.__module__, answer.__qualname__):
            raise ValueError(f"two agents have the name {name!r}: in {known.answer.__module__}, {answer.__module__}")
        _registered[name] = Agent(name, answer, title)
        return answer

    return register


def registered(package: str = "chat_app.agents") -> list[Agent]:
    """The agents of all modules of a package, in the order of the modules' names."""
    for module in pkgutil.iter_modules(import_module(package).__path__, f"{package}."):
        import_module(module.name)
    return [each for each in _registered.values() if each.answer.__module__.startswith(f"{package}.")]


class Agents:
    """Those that can be asked here.

    Args:
        default: Answers whoever asks for none in particular.

    Raises:
        ValueError: Two have the same name.
    """

    def __init__(self, default: Agent, others: Iterable[Agent] = ()) -> None:
        self.default = default
        self._by_name = {default.name: default}
        for each in others:
            if each.name in self._by_name:
                raise ValueError(f"an agent and the model have the name {each.name!r}")
            self._by_name[each.name] = each

    def __iter__(self) -> Iterator[Agent]:
        return iter(self._by_name.values())

    def get(self, name: str) -> Agent | None:
        """The agent with this name, the default one without a name; ``None`` if there is none."""
        return self._by_name.get(name) if name else self.default
