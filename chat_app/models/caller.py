"""The caller of an operation: owner, kind and network."""

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address


class CallerKind(StrEnum):
    """The way in which a caller is identified."""

    VISITOR = "visitor"  # by the cookie of its browser
    PROGRAM = "program"  # by an API key, or a ticket got with one
    LOCAL = "local"  # in development: by being on this machine


@dataclass(frozen=True, slots=True)
class Caller:
    """An identity that asks for answers, with everything that limits count by.

    Attributes:
        owner: The owner of its answers and conversations.
        network: ``network_of`` the address that its connection comes from, never one that the client claims.
    """

    owner: str
    network: str = ""
    kind: CallerKind = CallerKind.VISITOR


def parse_address(host: str) -> IPv4Address | IPv6Address | None:
    """``host`` as an IP address, ``None`` if it is none."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    # A server that listens to both kinds of addresses sees 127.0.0.1 as ::ffff:127.0.0.1.
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def network_of(host: str) -> str:
    """The IPv4 address, or the /64 network of an IPv6 address: a provider's customer has 2**64 of those (RFC 6177).

    Empty if ``host`` is no address.
    """
    address = parse_address(host)
    return str(IPv6Network((address, 64), strict=False) if isinstance(address, IPv6Address) else address or "")
