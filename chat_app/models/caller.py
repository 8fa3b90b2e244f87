"""The caller of an operation: whose its answers are, of which kind it is, and which network it comes from."""

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address


class CallerKind(StrEnum):
    """How a caller is known."""

    VISITOR = "visitor"  # by the cookie of its browser
    PROGRAM = "program"  # by an API key, or a ticket got with one
    LOCAL = "local"  # in development: by being on this machine


@dataclass(frozen=True, slots=True)
class Caller:
    """An identity that asks for answers, with all that limits are counted by.

    Attributes:
        owner: The owner of its answers and conversations.
        network: As ``network_of`` its address. It comes from the connection, never from what the client sends.
    """

    owner: str
    network: str = ""
    kind: CallerKind = CallerKind.VISITOR


def parse_address(host: str) -> IPv4Address | IPv6Address | None:
    """The IP address that ``host`` is, ``None`` for anything else."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    # A server that listens to both kinds of addresses sees 127.0.0.1 as ::ffff:127.0.0.1.
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def network_of(host: str) -> str:
    """The IPv4 address, or the /64 network of an IPv6 one: a provider's customer has 2**64 of those (RFC 6177).

    Empty where ``host`` is no address.
    """
    address = parse_address(host)
    return str(IPv6Network((address, 64), strict=False) if isinstance(address, IPv6Address) else address or "")
