"""Principals, and callers: a principal with the network that it asks from."""

from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Self


class PrincipalKind(StrEnum):
    """How a principal is known."""

    VISITOR = "visitor"  # by the cookie of its browser
    USER = "user"  # by an account
    PROGRAM = "program"  # by an API key, or a ticket got with one
    LOCAL = "local"  # in development: by being on this machine


@dataclass(frozen=True, slots=True)
class Principal:
    """A person or a program that asks.

    Attributes:
        id: Unique among those of its kind.
        roles: What it may do beside asking.
    """

    id: str
    kind: PrincipalKind = PrincipalKind.VISITOR
    roles: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def key(self) -> str:
        """The id among all kinds, for storage and counters: ``program:shop``; a visitor's id as it is."""
        return self.id if self.kind is PrincipalKind.VISITOR else f"{self.kind.value}:{self.id}"

    @classmethod
    def from_key(cls, key: str) -> Self:
        """The principal with this ``key``, without its roles, which aren't stored."""
        kind, colon, principal_id = key.partition(":")
        if colon and kind in PrincipalKind:
            return cls(principal_id, PrincipalKind(kind))
        return cls(key)


@dataclass(frozen=True, slots=True)
class Caller:
    """A principal that asks for answers, with all that limits are counted by.

    Attributes:
        network: As ``network_of`` its address. It comes from the connection, never from what the client sends.
    """

    principal: Principal
    network: str = ""


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
