"""Client addresses of requests."""

from starlette.requests import HTTPConnection

from chat_app.models.principal import parse_address

_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


def client_host(connection: HTTPConnection) -> str:
    """The client's address, empty where the server knows none."""
    return connection.client.host if connection.client else ""


def is_forwarded(connection: HTTPConnection) -> bool:
    """Whether the request has a header of a proxy that forwards it for another client."""
    return any(name in connection.headers for name in _FORWARDED)


def is_on_this_machine(connection: HTTPConnection) -> bool:
    """Whether the client itself is, and not only a proxy that nobody has configured (``Settings.trusted_proxies``)."""
    address = parse_address(client_host(connection))
    return address is not None and address.is_loopback and not is_forwarded(connection)
