"""Fixtures of the contract tests: the API on a real port, with a fake model server behind it."""

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
    """The port of the model's server, the same for all tests, so that they can share the API's server."""
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
    """The API with default settings, one for all tests: starting it takes longer than most of them."""
    base_url = f"http://127.0.0.1:{upstream_port}/v1"
    with ApiServer(base_url, tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def serve(upstream: FakeUpstream, tmp_path: Path) -> Iterator[Callable[..., ApiServer]]:
    """Start the API with the test's own settings."""
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
    """A client without a cookie."""
    return connect(server)


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """The records that the app logs during the test, as JSON."""
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
