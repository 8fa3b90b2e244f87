"""Principals: who asks, and what belongs to whom."""

from dataclasses import dataclass
from enum import StrEnum


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
    roles: frozenset[str] = frozenset()

    @property
    def owner(self) -> str:
        """The name under which answers and conversations are kept; unique among all kinds."""
        return self.id if self.kind in (PrincipalKind.VISITOR, PrincipalKind.USER) else f"{self.kind.value}:{self.id}"
