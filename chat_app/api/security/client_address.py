"""Client addresses of requests."""

from starlette.requests import HTTPConnection

from chat_app.models.principal import parse_address

_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


def client_host(connection: HTTPConnection) -> str:
    """The client's address; empty if the server doesn't know it."""
    return connection.client.host if connection.client else ""


def is_forwarded(connection: HTTPConnection) -> bool:
    """Return True if a proxy forwards the request, by its headers."""
    return any(name in connection.headers for name in _FORWARDED)


def is_local_client(connection: HTTPConnection) -> bool:
    """Return True for a client on this machine, but not for one behind a local proxy.

    A proxy in ``Settings.trusted_proxies`` has been replaced with its client's address by ``TrustedProxies``; any other
    is recognised by its headers.
    """
    address = parse_address(client_host(connection))
    return address is not None and address.is_loopback and not is_forwarded(connection)
