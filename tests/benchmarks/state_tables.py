"""Benchmarks of a page's state in the server: its size, whatever the conversation."""

import pickle
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from reflex.state import BaseState

from chat_app.config import Settings
from chat_app.state.conversation.chat import ChatState
from chat_app.wiring import build
from tests.benchmarks.bench import Bench
from tests.benchmarks.prose import prose
from tests.benchmarks.table import Table, kilobytes
from tests.fakes import ScriptedProvider
from tests.unit.state.page import Page, Server

CONVERSATIONS = ((10, 1_000), (100, 1_000), (1000, 1_000), (100, 10_000))
"""Numbers of messages, and of characters in each."""


async def page_state(_: Bench) -> Table:
    """A page's state with short and long conversations."""
    table = Table(
        "State of a page in the server, pickled",
        ("messages", "characters each", "opened", "after four more answers", "after all earlier messages"),
    )
    with TemporaryDirectory(prefix="chat-benchmark-") as folder:
        for number, (length, chars) in enumerate(CONVERSATIONS):
            async with _server(Path(folder) / f"{number}.db") as server:
                table.rows.append([str(length), str(chars), *map(kilobytes, await _sizes(server, length, chars))])
    return table


async def _sizes(server: Server, length: int, chars: int) -> list[int]:
    conversation = await server.add(*(prose(chars, seed) for seed in range(length)))
    page = await server.open(path=f"/chat/{conversation.id}")
    await page.do(ChatState.load)
    opened = _state_bytes(page)
    for number in range(4):
        server.answer(prose(chars, length + number))
        await page.send("And now?")
        await page.settle()
    answered = _state_bytes(page)
    await page.do(ChatState.load_all)
    return [opened, answered, _state_bytes(page)]


def _state_bytes(page: Page) -> int:
    """The variables of all States, which Reflex keeps for each page."""
    return len(pickle.dumps([state.__getstate__() for state in _with_substates(page.chat._get_root_state())]))


def _with_substates(state: BaseState) -> Iterator[BaseState]:
    yield state
    for substate in state.substates.values():
        yield from _with_substates(substate)


@asynccontextmanager
async def _server(database: Path) -> AsyncIterator[Server]:
    settings = Settings(
        _env_file=None,  # pyright: ignore[reportCallIssue] - pydantic-settings' own argument
        openai_api_key="sk-scripted",
        openai_model="scripted",
        database_url=f"sqlite:///{database}",
        secret_key="s" * 32,
        suggest_titles=False,
    )
    provider = ScriptedProvider()
    services = build(settings, provider)
    await services.store.open()
    server = Server(services, provider)
    async with server.running():
        yield server
    await services.answers.close()
    await services.store.close()
