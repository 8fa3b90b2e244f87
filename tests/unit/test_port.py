"""The check for a free port before the page is built."""

import socket

import pytest

from chat_app.__main__ import ensure_free
from chat_app.config import ConfigError


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0"])
def test_a_port_that_is_taken_is_named_with_its_variable(host: str):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConfigError, match=f"REFLEX_FRONTEND_PORT={port}: {host} can't be listened on: Address"):
            ensure_free(host, port)
    ensure_free(host, port)


def test_an_address_of_another_machine_is_named():
    with pytest.raises(ConfigError, match=r"192\.0\.2\.1 can't be listened on"):
        ensure_free("192.0.2.1", 0)
