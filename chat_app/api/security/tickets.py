"""Tickets: what a browser shows in place of a key, which nobody should put into a page or a URL.

Whoever holds a key gets one and passes it on. It starts one answer, soon, and then it is good for nothing but going on
with that answer, as an ``EventSource`` does by itself when its connection breaks.
"""

from dataclasses import dataclass

from chat_app.infrastructure.security.signer import TokenIssuer
from chat_app.models.message import new_id
from chat_app.services.ports import RateLimiter

LIFETIME = 60  # seconds from the issue to the start of the answer


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a genuine ticket says.

    Attributes:
        holder: The name of the key it was got with.
        answer_id: The one answer it is for.
        is_fresh: Whether there is still time to start it.
    """

    holder: str
    answer_id: str
    is_fresh: bool


class Tickets:
    """Issues and reads tickets. They are signed; all that is kept, for a while, is which of them have been used."""

    def __init__(self, issuer: TokenIssuer, limiter: RateLimiter) -> None:
        self._issuer = issuer
        self._limiter = limiter

    def issue(self, holder: str) -> str:
        return self._issuer.issue({"holder": holder, "answer_id": new_id()})

    def read(self, token: str) -> Ticket | None:
        """``None`` if it isn't genuine."""
        fields = self._issuer.read(token)
        return Ticket(**fields, is_fresh=self._issuer.read(token, LIFETIME) is not None) if fields else None

    async def use(self, ticket: Ticket) -> bool:
        """Whether it may start its answer: it is fresh, and this is the first time."""
        # A ticket's age is known in whole seconds, so its use is remembered for longer than it can seem fresh.
        return ticket.is_fresh and await self._limiter.count(1, 2 * LIFETIME, "ticket", ticket.answer_id)
