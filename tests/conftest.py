"""Shared by all tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

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


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database; each test runs once with either kind."""
    if request.param == "sqlite":
        return request.getfixturevalue("sqlite_url")
    return request.getfixturevalue("postgres").create_database()
