"""Fixtures for all tests, and their order."""

import os
from collections.abc import Generator, Iterator, Sequence
from itertools import filterfalse
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

from chat_app.models.text import encodable
from tests.browser.built_page import PageBuild

if TYPE_CHECKING:
    from tests.postgres import PostgresServer
    from tests.redis_server import RedisServer

BROWSER, JAVASCRIPT = "tests/browser/", "tests/contract/test_javascript.py"
DEVELOPMENT, SETTINGS = "development", "[with "
"""Marks in the ids of tests that use the development server, or a server with settings of their own."""
_PAGE_BUILD = pytest.StashKey[PageBuild]()
_LONGEST_FIRST = (DEVELOPMENT, SETTINGS, "test_restart", "test_signals", "test_axe")


class _Scheduling(LoadFileScheduling):
    """Scheduling by file, in the order of collection; tests that share a server which is slow to start stay together.

    (``--dist loadgroup``, which is there for that, has no effect with pytest 9.2 and pytest-xdist 3.8.)
    """

    def __init__(self, config: pytest.Config, log: Producer) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(BROWSER):
            for together in (DEVELOPMENT, SETTINGS):
                if together in nodeid:
                    return together
        return super()._split_scope(nodeid)


def pytest_addoption(parser: pytest.Parser) -> None:
    about = "run the browser tests on two workers with Redis and PostgreSQL, without those for a single process"
    parser.addoption("--two-workers", action="store_true", help=about)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> _Scheduling:
    return _Scheduling(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: WorkerController, ids: Sequence[str]) -> None:
    """Build the page while the processes run tests that don't need it."""
    if _PAGE_BUILD not in node.config.stash and any(test.startswith(BROWSER) for test in ids):
        # The folder in which xdist makes those of the processes has no public name.
        shared = node.config._tmp_path_factory.getbasetemp()  # pyright: ignore[reportAttributeAccessIssue]
        node.config.stash[_PAGE_BUILD] = PageBuild(shared)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if build := session.config.stash.get(_PAGE_BUILD, None):
        build.stop()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out tests for another number of workers.

    Put the tests last that wait for the page or its packages, and the longest first among them.
    """
    is_for_others = _is_for_one_worker if config.getoption("two_workers") else _is_for_two_workers
    config.hook.pytest_deselected(items=list(filter(is_for_others, items)))
    items[:] = sorted(filterfalse(is_for_others, items), key=lambda item: _rank(item.nodeid))


def _is_for_one_worker(item: pytest.Item) -> bool:
    return item.get_closest_marker("one_worker") is not None or "development_server" in _fixtures(item)


def _is_for_two_workers(item: pytest.Item) -> bool:
    return "two_workers" in _fixtures(item)


def _fixtures(item: pytest.Item) -> Sequence[str]:
    return item.fixturenames if isinstance(item, pytest.Function) else ()


def _rank(nodeid: str) -> tuple[int, str]:
    """Return a place in the order, and one among the tests at that place."""
    if not nodeid.startswith(BROWSER):
        return -1 if nodeid.startswith(JAVASCRIPT) else -2, ""
    for rank, name in enumerate(_LONGEST_FIRST):
        if name in nodeid:
            ends_server = "test_signals" in nodeid  # it needn't be started again after the last test
            return rank, nodeid[nodeid.find(SETTINGS) :] if name == SETTINGS else str(ends_server)
    return len(_LONGEST_FIRST), ""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Replace lone surrogates in what a test has logged: pytest-xdist can't send them."""
    report = yield
    report.sections = [(name, encodable(text)) for name, text in report.sections]
    return report


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """The app runs on asyncio, as Reflex does."""
    return "asyncio"


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the processes of the run share."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session")
def redis_server() -> "Iterator[RedisServer]":
    from tests.redis_server import NotInstalled, RedisServer  # noqa: PLC0415 - most tests don't need redis-py

    try:
        server = RedisServer()
    except NotInstalled as missing:
        pytest.skip(str(missing))
    with server:
        yield server


@pytest.fixture
def redis_url(redis_server: "RedisServer") -> str:
    """The URL of an empty Redis."""
    redis_server.empty()
    return redis_server.url


@pytest.fixture(scope="session")
def postgres() -> "Iterator[PostgresServer]":
    from tests.postgres import NotInstalled, PostgresServer  # noqa: PLC0415 - most tests don't need asyncpg

    try:
        server = PostgresServer()
    except NotInstalled as missing:
        pytest.skip(str(missing))
    with server:
        yield server
