"""The client's address, and requests from this machine."""

import pytest
from starlette.requests import HTTPConnection

from chat_app.api.security.client_address import client_host, is_local_client
from chat_app.models.principal import network_of


def coming_from(host: str | None, headers: dict[str, str] | None = None) -> HTTPConnection:
    raw = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    return HTTPConnection({"type": "http", "client": host and (host, 50_000), "headers": raw})


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:0:1::2", "2001:db8:0:1::/64"),
        ("2001:db8:0:1:ffff:ffff:ffff:ffff", "2001:db8:0:1::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("no:address", ""),
        ("unknown", ""),
        (None, ""),
    ],
)
def test_addresses_of_one_customer_are_one_network(host: str | None, network: str):
    assert network_of(client_host(coming_from(host))) == network


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1"])
def test_this_machine_calls_itself_many_names(host: str):
    assert is_local_client(coming_from(host))


@pytest.mark.parametrize("host", ["192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1", "localhost", None])
def test_other_machines_are_not_this_one(host: str | None):
    assert not is_local_client(coming_from(host))


@pytest.mark.parametrize("header", ["forwarded", "x-forwarded-for", "x-real-ip"])
def test_a_proxy_on_this_machine_may_ask_for_anybody(header: str):
    assert not is_local_client(coming_from("127.0.0.1", {header: "127.0.0.1"}))
