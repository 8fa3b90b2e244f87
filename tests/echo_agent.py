"""A custom agent, as in a file of ``chat_app/agents/``."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import chat_app.agents

SOURCE = """
from chat_app.agent import Ask, Data, Reasoning, agent


@agent("echo", title="Echo", starters=["Say this"])
async def answer(ask: Ask):
    yield Reasoning("They say something.")
    yield f"You said: {ask.question}"
    yield Data("length", len(ask.question))
    yield " Anything else?"
"""


@contextmanager
def echo_agent(folder: Path) -> Iterator[None]:
    """Register the agent "echo" as the only custom one."""
    (folder / f"echo_of_{folder.name}.py").write_text(SOURCE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chat_app.agents, "__path__", [str(folder)])
        patch.setattr("chat_app.agent._registered", {})
        yield
