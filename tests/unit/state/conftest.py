"""Fixtures of the tests of the page's State."""

import shutil
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path

import pytest

from chat_app.config import Settings
from chat_app.infrastructure.sql import database
from chat_app.infrastructure.sql.engine import create_engine
from chat_app.state.conversation import following
from chat_app.wiring import build
from tests.fakes import FakeFileReader, ScriptedProvider
from tests.unit.state.page import ANN, Page, Server

FRAME = 0.005  # seconds; with the app's, the tests would mostly sleep

# Shared by all tests, since that saves a third of the time: an engine compiles each statement once, and can be used
# again after ``store.close()``. Settings read the environment once.
_engine_of = cache(create_engine)


@cache
def _settings_with(**variables: object) -> Settings:
    return Settings(_env_file=None, **variables)  # pyright: ignore[reportCallIssue] - pydantic-settings' own argument


@pytest.fixture(scope="session")
def database_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The path of the running test's database."""
    return tmp_path_factory.mktemp("state") / "chat.db"


@pytest.fixture
def settings(request: pytest.FixtureRequest, database_path: Path, sqlite_with_tables: Path) -> Settings:
    """Settings with a database of empty tables; a test's parameter adds variables."""
    shutil.rmtree(database_path.parent)  # the write-ahead log and files too, if a test has left any
    database_path.parent.mkdir()
    shutil.copy(sqlite_with_tables, database_path)
    return _settings_with(
        **{
            "openai_api_key": "sk-scripted",
            "openai_model": "scripted",
            "database_url": f"sqlite:///{database_path}",
            "secret_key": "s" * 32,
            "suggest_titles": False,
            **getattr(request, "param", {}),
        }
    )


@pytest.fixture
async def server(
    settings: Settings, provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Server]:
    """The server; fails a test with a handler's exception that it hasn't taken."""
    monkeypatch.setattr(database, "create_engine", _engine_of)
    monkeypatch.setattr(following, "FRAME", FRAME)
    services = build(settings, provider, FakeFileReader())
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
