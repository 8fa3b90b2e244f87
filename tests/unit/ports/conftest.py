"""Fixtures of the ports' contract tests: each port's adapters and its fake, behind one name.

The ports' contracts are tested here; features of a single adapter (query plans, migrations, outages) in ``tests/unit``.
"""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from chat_app.infrastructure.sql.store import SqlStore
from chat_app.services.ports import Store
from tests.fakes import FakeStore
from tests.s3_server import S3Server, running_s3_server


@pytest.fixture
def sqlite(sqlite_url: str, sqlite_with_tables: Path) -> str:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    path.parent.mkdir()
    shutil.copy(sqlite_with_tables, path)
    return sqlite_url


@pytest.fixture
def postgresql(request: pytest.FixtureRequest, postgresql_with_tables: str) -> str:
    request.getfixturevalue("postgres").empty_tables(postgresql_with_tables)
    return postgresql_with_tables


@pytest.fixture(params=["sqlite", "postgresql", "fake"])
def database(request: pytest.FixtureRequest) -> str | None:
    """The URL of an empty database, none for the fake."""
    return None if request.param == "fake" else request.getfixturevalue(request.param)


@pytest.fixture
async def store(database: str | None) -> AsyncIterator[Store]:
    """An empty store of each kind."""
    if database is None:
        yield FakeStore()
        return
    store = SqlStore(database)  # not opened: its schema is current, and a migration would take time
    yield store
    await store.close()


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """A server with S3's API."""
    with running_s3_server() as server:
        yield server
