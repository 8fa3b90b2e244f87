"""Where a request comes from."""

from ipaddress import IPv6Address, ip_address

from starlette.requests import HTTPConnection

_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


def is_on_this_machine(connection: HTTPConnection) -> bool:
    """Whether the client itself is, and not only a proxy that nobody has configured (``Settings.trusted_proxies``)."""
    if connection.client is None or any(name in connection.headers for name in _FORWARDED):
        return False
    try:
        address = ip_address(connection.client.host)
    except ValueError:
        return False
    # A server that listens to both kinds of addresses sees 127.0.0.1 as ::ffff:127.0.0.1.
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback
