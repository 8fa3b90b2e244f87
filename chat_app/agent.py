"""Agents: a model, a tool loop or a team's own code, as an async generator over an ``Ask``.

    from chat_app.agent import Ask, agent

    @agent("echo", title="Echo")
    async def answer(ask: Ask):
        yield f"You said: {ask.question}"

A file in ``chat_app/agents/`` adds an agent to the page's menu, to ``/v1/models`` and to ``/stream?model=echo``. Its
unit test needs no server: ``[piece async for piece in answer(Ask.of("hi"))] == ["You said: hi"]``.
"""

import pkgutil
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import islice
from typing import TypeVar

from chat_app.models.events import Alive, StepEnded
from chat_app.models.file_content import AttachedFile
from chat_app.models.listed_model import UNKNOWN_ABILITIES, Abilities
from chat_app.models.message import Role, Turn
from chat_app.models.parts import FOLLOW_UPS, Data, File, Part, Reasoning, Source, Text, ToolCall, ToolResult
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
    "follow_ups",
]

_MAX_SUMMARY = 20  # names

Piece = str | Part | StepEnded | Alive


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A question to an agent.

    Attributes:
        messages: The prompt, oldest first; the question is the last.
        user: The principal that asks.
        options: The client's sampling options.
    """

    messages: tuple[Turn, ...]
    user: Principal
    options: Options = DEFAULT_OPTIONS

    @property
    def question(self) -> str:
        """The text of the last message."""
        return self.messages[-1].text

    @property
    def files(self) -> tuple[AttachedFile, ...]:
        """The files of the last message: ``await ask.files[0].text()``."""
        return self.messages[-1].files

    @classmethod
    def of(cls, question: str, history: Sequence[Turn] = (), *, options: Options = DEFAULT_OPTIONS) -> "Ask":
        """Create an ``Ask`` of an anonymous local principal, for tests and for the server's own use."""
        nobody = Principal("nobody", PrincipalKind.LOCAL)
        return cls(messages=(*history, Turn(Role.USER, question)), user=nobody, options=options)


Answer = Callable[[Ask], AsyncGenerator[Piece, None]]
AnyAnswer = TypeVar("AnyAnswer", bound=Answer)


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent with its names.

    Attributes:
        name: The name in the API, as in ``/stream?model=``.
        title: The label on the page; empty for the name.
        group: The heading above it in the page's menu, the name of its server; empty for none.
        answer: Yields the pieces of an answer: ``str`` is short for ``Text``, and pieces of one kind that follow each
            other are one part. It may end with a ``StepEnded``. An exception ends the answer as failed; closing the
            generator ends its work.
        abilities: What it can take, to be said before sending.
        learned: Returns what it has shown to lack, which counts first.
        starters: First messages for it, suggested in a new conversation.
    """

    name: str
    answer: Answer
    title: str = ""
    group: str = ""
    abilities: Abilities = UNKNOWN_ABILITIES
    learned: Callable[[], Abilities] = Abilities
    starters: tuple[str, ...] = ()


_registered: dict[str, Agent] = {}


def follow_ups(*questions: str) -> Data:
    """Return the part that suggests questions to ask next, as buttons below the answer while it is the latest one."""
    return Data(FOLLOW_UPS, list(questions))


def agent(name: str, *, title: str = "", starters: Sequence[str] = ()) -> Callable[[AnyAnswer], AnyAnswer]:
    """Register an async generator as an agent; the function itself stays as it is.

    Args:
        starters: First messages for this agent, which the page suggests in a new conversation.

    Raises:
        ValueError: Another agent has this name.
    """

    def register(answer: AnyAnswer) -> AnyAnswer:
        known = _registered.get(name)
        if known and (known.answer.__module__, known.answer.__qualname__) != (answer.__module__, answer.__qualname__):
            raise ValueError(f"two agents have the name {name!r}: in {known.answer.__module__}, {answer.__module__}")
        _registered[name] = Agent(name, answer, title, starters=tuple(starters))
        return answer

    return register


def registered(package: str = "chat_app.agents") -> list[Agent]:
    """Import all modules of a package and return their agents, in the order of registration."""
    for module in pkgutil.iter_modules(import_module(package).__path__, f"{package}."):
        import_module(module.name)
    return [each for each in _registered.values() if each.answer.__module__.startswith(f"{package}.")]


class Agents:
    """The agents of this app, by name: fixed ones, and the models in their servers' current lists.

    Args:
        default: The agent of requests without a name.
        others: Further agents.

    Raises:
        ValueError: Two agents have the same name.
    """

    def __init__(self, default: Agent, others: Iterable[Agent] = ()) -> None:
        self.default = default
        self._others: dict[str, Agent] = {}
        for each in others:
            if each.name == default.name or each.name in self._others:
                raise ValueError(f"two agents have the name {each.name!r}")
            self._others[each.name] = each
        self._models: dict[str, Agent] = {}

    def __iter__(self) -> Iterator[Agent]:
        """Iterate over the default agent, the models of servers and the other agents."""
        return iter(({self.default.name: self.default} | self._models | self._others).values())

    @property
    def summary(self) -> str:
        """The names of the first agents, for error messages."""
        names = [each.name for each in islice(self, _MAX_SUMMARY + 1)]
        return ", ".join(names[:_MAX_SUMMARY]) + (", …" if len(names) > _MAX_SUMMARY else "")

    def get(self, name: str) -> Agent | None:
        """Return the agent with this name, the default agent for an empty name; ``None`` if unknown."""
        if name in ("", self.default.name):
            return self.default
        return self._others.get(name) or self._models.get(name)

    def offer(self, models: Iterable[Agent], default: str = "") -> None:
        """Replace the models of servers. A fixed agent hides a model of the same name.

        Args:
            models: The new models.
            default: The name of the model that becomes the default agent; empty to keep the present one.
        """
        self._models = {each.name: each for each in models}
        # The default one too is replaced by its entry in the list, which knows more of its abilities.
        self.default = self._models.get(default or self.default.name, self.default)
