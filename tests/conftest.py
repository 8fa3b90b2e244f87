"""Shared by all tests."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from chat_app.infrastructure.sql.store import SqlStore
from tests.postgres import NotInstalled, PostgresServer

# Tests of the browser that run beside the others with a server of their own: those that restart it or develop with it,
# and as many more as make both processes end at about the same time.
BESIDE = (
    "development",
    "test_axe",
    "test_continuing",
    "test_conversations",
    "test_errors",
    "test_restart",
    "test_search",
    "test_signals",
)


class _Scheduling(LoadFileScheduling):
    """Which tests stay together with several processes: all that share a server of the app, which takes long to build.

    (``--dist loadgroup``, which is there for that, has no effect with pytest 9.2 and pytest-xdist 3.8.)
    """

    def _split_scope(self, nodeid: str) -> str:
        if not nodeid.startswith("tests/browser/"):
            return super()._split_scope(nodeid)
        return "beside" if any(name in nodeid for name in BESIDE) else "browser"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> _Scheduling:
    return _Scheduling(config, log)


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


@pytest.fixture(scope="session")
def sqlite_with_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database's file, with the tables and nothing in them."""
    path = tmp_path_factory.mktemp("sqlite") / "chat.db"
    _create_tables(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql_with_tables(postgres: PostgresServer) -> str:
    """The URL of a PostgreSQL database with the tables."""
    url = postgres.create_database()
    _create_tables(url)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A database with the tables and nothing in them; each test runs once with either kind.

    Making the tables takes longer than most tests, so that is done once.
    """
    if request.param == "sqlite":
        url = request.getfixturevalue("sqlite_url")
        path = Path(url.removeprefix("sqlite:///"))
        path.parent.mkdir()
        shutil.copy(request.getfixturevalue("sqlite_with_tables"), path)
        return url
    url = request.getfixturevalue("postgresql_with_tables")
    request.getfixturevalue("postgres").empty_tables(url)
    return url


def _create_tables(database_url: str) -> None:
    async def open_and_close() -> None:
        store = SqlStore(database_url)
        await store.open()
        await store.close()

    asyncio.run(open_and_close())
