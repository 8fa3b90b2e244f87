"""The client's address behind trusted proxies, and the warning about a proxy that isn't configured."""

import logging

import pytest
from starlette.types import Receive, Scope, Send

from chat_app.api.security.proxies import TrustedProxies


async def client(address: str, trusted: list[str], **headers: str) -> str:
    """The client's address as the app sees it."""
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["client"][0])

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    middleware = TrustedProxies(app, trusted)  # type: ignore[arg-type] - uvicorn has types of its own
    await middleware({"type": "http", "client": (address, 50_000), "headers": raw}, None, None)
    return seen[0]


async def test_a_trusted_proxy_is_believed(caplog: pytest.LogCaptureFixture):
    assert await client("10.0.0.1", ["10.0.0.0/8"], x_forwarded_for="192.0.2.1, 10.0.0.2") == "192.0.2.1"
    assert caplog.records == []


async def test_an_ipv4_proxy_is_known_to_a_server_that_listens_on_ipv6(caplog: pytest.LogCaptureFixture):
    assert await client("::ffff:10.0.0.1", ["10.0.0.0/8"], x_forwarded_for="192.0.2.1") == "192.0.2.1"
    assert caplog.records == []


async def test_an_unconfigured_proxy_is_logged_and_not_believed(caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.WARNING):
        assert await client("127.0.0.1", [], x_forwarded_for="192.0.2.1") == "127.0.0.1"
    (record,) = caplog.records
    assert "127.0.0.1" in record.getMessage()
    assert "TRUSTED_PROXIES" in record.getMessage()
    assert vars(record)["often"]


async def test_forwarding_headers_from_public_addresses_are_not_logged(caplog: pytest.LogCaptureFixture):
    assert await client("8.8.8.8", [], x_forwarded_for="192.0.2.1") == "8.8.8.8"
    assert await client("127.0.0.1", []) == "127.0.0.1"
    assert caplog.records == []
