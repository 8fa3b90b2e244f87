"""Principals, and callers: a principal with the network of its requests."""

from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Self


class PrincipalKind(StrEnum):
    """Means of authentication of a principal."""

    VISITOR = "visitor"  # browser cookie
    USER = "user"  # account
    PROGRAM = "program"  # API key, or a ticket issued for one
    LOCAL = "local"  # in development: a request from this machine


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated person or program.

    Attributes:
        id: Unique within ``kind``.
        roles: Permissions beyond asking; not stored, not compared.
    """

    id: str
    kind: PrincipalKind = PrincipalKind.VISITOR
    roles: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def key(self) -> str:
        """Identifier across kinds, for storage and counters: ``program:shop``; a visitor's is its bare id."""
        return self.id if self.kind is PrincipalKind.VISITOR else f"{self.kind.value}:{self.id}"

    @classmethod
    def from_key(cls, key: str) -> Self:
        """Return the principal with this ``key``, without roles."""
        kind, colon, principal_id = key.partition(":")
        if colon and kind in {each.value for each in PrincipalKind}:  # `in PrincipalKind` needs Python 3.12
            return cls(principal_id, PrincipalKind(kind))
        return cls(key)


@dataclass(frozen=True, slots=True)
class Caller:
    """A principal that requests answers, and its network, which limits are counted by.

    Attributes:
        network: ``network_of`` the address of the connection; behind trusted proxies, of ``X-Forwarded-For``.
    """

    principal: Principal
    network: str = ""


def parse_address(host: str) -> IPv4Address | IPv6Address | None:
    """Parse an IP address; ``None`` if ``host`` isn't one. IPv4-mapped IPv6 addresses become IPv4."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    # A dual-stack socket reports 127.0.0.1 as ::ffff:127.0.0.1 (RFC 4291, section 2.5.5.2).
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def network_of(host: str) -> str:
    """Return the IPv4 address, or the /64 network of an IPv6 address; empty if ``host`` isn't an address.

    A single customer gets at least a /64, so single IPv6 addresses are no base for limits (RFC 6177).
    """
    address = parse_address(host)
    return str(IPv6Network((address, 64), strict=False) if isinstance(address, IPv6Address) else address or "")
