"""A start that waits for the servers that it needs."""

import asyncio

import pytest

from chat_app.config import ConfigError
from chat_app.infrastructure.server.outage_at_start import wait_for_servers
from chat_app.models.errors import SharedStateUnavailable


class Server:
    """A server that fails a number of times."""

    def __init__(self, failures: int, error: Exception) -> None:
        self.failures, self.error, self.checks = failures, error, 0

    async def check(self) -> None:
        self.checks += 1
        if self.checks <= self.failures:
            raise self.error


async def test_a_start_goes_on_when_all_servers_can_be_reached(caplog: pytest.LogCaptureFixture):
    servers = [Server(2, ConfigError("no database")), Server(1, SharedStateUnavailable("no Redis"))]
    await wait_for_servers(*(server.check for server in servers), interval=0)
    assert [server.checks for server in servers] == [4, 2]
    assert [record.message for record in caplog.records] == ["the start waits at most 30 s for a server: no database"]


async def test_a_start_does_not_wait_for_servers_that_can_be_reached(caplog: pytest.LogCaptureFixture):
    await wait_for_servers(Server(0, ConfigError()).check)
    assert caplog.records == []


async def test_a_start_goes_on_after_a_while_to_fail_with_the_error():
    server = Server(1_000_000, ConfigError("no database"))
    await asyncio.wait_for(wait_for_servers(server.check, max_wait=0.05, interval=0.01), 5)
    assert server.checks > 1
