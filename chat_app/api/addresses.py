"""Where a request comes from."""

from ipaddress import IPv6Address, ip_address, ip_network

from starlette.requests import HTTPConnection

_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


def network_of(connection: HTTPConnection) -> str:
    """The address, or the network of a provider's customer: whoever has one IPv6 address has 2**64 (RFC 6177)."""
    host = connection.client.host if connection.client else ""
    return str(ip_network((host, 64), strict=False)) if ":" in host else host


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
