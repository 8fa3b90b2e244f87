"""Tickets: short-lived credentials for one answer, for browsers, since an API key must not be in a page or a URL.

A program gets a ticket with its API key and passes it on to a browser. The ticket starts one answer within its
lifetime; after that it can only resume that answer, as an ``EventSource`` does when its connection breaks.
"""

from dataclasses import dataclass

from chat_app.infrastructure.security.signer import TokenIssuer
from chat_app.models.message import new_id
from chat_app.services.ports import RateLimiter

LIFETIME = 60  # seconds from the issue to the start of the answer


@dataclass(frozen=True, slots=True)
class Ticket:
    """The contents of a valid ticket.

    Attributes:
        holder: The name of the API key that it was issued with.
        answer_id: The answer that it is for.
        is_fresh: True while it can start the answer.
    """

    holder: str
    answer_id: str
    is_fresh: bool


class Tickets:
    """Issues and verifies tickets. Tickets are signed, not stored; used ones are remembered until they have expired."""

    def __init__(self, issuer: TokenIssuer, limiter: RateLimiter) -> None:
        self._issuer = issuer
        self._limiter = limiter

    def issue(self, holder: str) -> str:
        """Issue a ticket for a new answer."""
        return self._issuer.issue({"holder": holder, "answer_id": new_id()})

    def read(self, token: str) -> Ticket | None:
        """Decode a ticket; ``None`` if its signature is invalid."""
        fields = self._issuer.read(token)
        return Ticket(**fields, is_fresh=self._issuer.read(token, LIFETIME) is not None) if fields else None

    async def use(self, ticket: Ticket) -> bool:
        """Use a ticket to start its answer; returns False if it has expired or was used before."""
        # Twice the lifetime: a ticket's age is known in whole seconds only.
        return ticket.is_fresh and await self._limiter.count(1, 2 * LIFETIME, "ticket", ticket.answer_id)
