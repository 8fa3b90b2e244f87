"""Shared by the tests of ``/stream``: the API on a real port, with a fake upstream behind it."""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from chat_app.infrastructure.observability.logs import JsonFormatter
from tests.fake_upstream import FakeUpstream
from tests.server import ApiServer
from tests.stream_client import StreamClient


@pytest.fixture(scope="session")
def upstream_port() -> int:
    """The same for all tests, so that they can share a server."""
    with FakeUpstream() as upstream:
        return upstream.port


@pytest.fixture
def upstream(upstream_port: int) -> Iterator[FakeUpstream]:
    """The model's server, fresh for each test."""
    with FakeUpstream(upstream_port) as upstream:
        yield upstream
        upstream.release()
        assert upstream.wait_closed()


@pytest.fixture(scope="session")
def server(upstream_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """The API as it comes, one for all tests: starting it takes longer than most of them."""
    base_url = f"http://127.0.0.1:{upstream_port}/v1"
    with ApiServer(base_url, tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def serve(upstream: FakeUpstream, tmp_path: Path) -> Iterator[Callable[..., ApiServer]]:
    """Start the API with settings of the test's own."""
    with ExitStack() as running:
        yield lambda **settings: running.enter_context(
            ApiServer(**{"upstream_url": upstream.base_url, "folder": tmp_path, **settings})
        )


@pytest.fixture
def connect() -> Iterator[Callable[..., StreamClient]]:
    """A client of a server, with the headers given."""
    with ExitStack() as clients:
        yield lambda server, **headers: clients.enter_context(closing(StreamClient(server.url, **headers)))


@pytest.fixture
def program(connect: Callable[..., StreamClient], server: ApiServer, upstream: FakeUpstream) -> StreamClient:
    """Somebody without a cookie."""
    return connect(server)


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """What the app logs as JSON, meanwhile."""
    lines: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    collector, logger = Collector(), logging.getLogger("chat_app")
    collector.setFormatter(JsonFormatter())
    logger.addHandler(collector)
    logger.setLevel(logging.INFO)
    yield lines
    logger.removeHandler(collector)
    logger.setLevel(logging.NOTSET)
