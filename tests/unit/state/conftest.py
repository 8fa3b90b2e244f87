"""Shared by the tests of the page's State."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from chat_app.config import Settings
from chat_app.wiring import build
from tests.fakes import ScriptedProvider
from tests.unit.state.page import ANN, Page, Server

NewServer = Callable[..., Awaitable[Server]]


@pytest.fixture
def settings(request: pytest.FixtureRequest, tmp_path: Path, sqlite_with_tables: Path) -> Settings:
    """With a database of the test's own; a test's parameter adds variables."""
    shutil.copy(sqlite_with_tables, tmp_path / "chat.db")
    return Settings(
        **{
            "_env_file": None,
            "openai_api_key": "sk-scripted",
            "openai_model": "scripted",
            "database_url": f"sqlite:///{tmp_path}/chat.db",
            "secret_key": "s" * 32,
            "suggest_titles": False,
            **getattr(request, "param", {}),
        }
    )


@pytest.fixture
async def server(settings: Settings, provider: ScriptedProvider) -> AsyncIterator[Server]:
    """Fails a test that has let a handler fail without looking at it."""
    services = build(settings, provider)
    server = Server(services, provider)
    async with server.running():
        yield server
    await services.answers.close()
    await services.store.close()
    assert server.failures == []


@pytest.fixture
async def page(server: Server) -> Page:
    """A tab of Ann's on the page for a new conversation, loaded."""
    page = await server.open(ANN)
    await page.go("/")
    return page
