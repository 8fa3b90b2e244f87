"""Where a request comes from."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from starlette.requests import HTTPConnection

_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


def network_of(connection: HTTPConnection) -> str:
    """The address, or the network of a provider's customer: whoever has one IPv6 address has 2**64 (RFC 6177).

    Empty where no address is known.
    """
    address = _address_of(connection)
    return str(IPv6Network((address, 64), strict=False) if isinstance(address, IPv6Address) else address or "")


def is_on_this_machine(connection: HTTPConnection) -> bool:
    """Whether the client itself is, and not only a proxy that nobody has configured (``Settings.trusted_proxies``)."""
    if any(name in connection.headers for name in _FORWARDED):
        return False
    address = _address_of(connection)
    return address is not None and address.is_loopback


def _address_of(connection: HTTPConnection) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(connection.client.host if connection.client else "")
    except ValueError:
        return None
    # A server that listens to both kinds of addresses sees 127.0.0.1 as ::ffff:127.0.0.1.
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
