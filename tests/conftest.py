"""Shared by all tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import NotInstalled, PostgresServer


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With several processes, one has all tests of the browser: they share a server that takes long to build."""
    for item in items:
        folder = item.path.parent.name
        item.add_marker(pytest.mark.xdist_group("browser" if folder == "browser" else item.path.stem))


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """The app runs on asyncio, as Reflex does."""
    return "asyncio"


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    try:
        server = PostgresServer()
    except NotInstalled as missing:
        pytest.skip(str(missing))
    with server:
        yield server


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A database that doesn't exist yet, in a folder that doesn't either."""
    return f"sqlite:///{tmp_path}/data/chat.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database; each test runs once with either kind."""
    if request.param == "sqlite":
        return request.getfixturevalue("sqlite_url")
    return request.getfixturevalue("postgres").create_database()
