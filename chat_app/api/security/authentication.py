"""Who is asking, and whether they may.

The page's own browsers show their cookie, programs a key, other pages' browsers a ticket that was got with a key. In
development, whoever is on this machine may ask as well.
"""

from dataclasses import dataclass

from starlette.requests import HTTPConnection

from chat_app.api.security.addresses import client_host, is_on_this_machine
from chat_app.api.security.keys import ApiKeys
from chat_app.api.security.tickets import Ticket, Tickets
from chat_app.infrastructure.security.identity import visitor
from chat_app.models.errors import NotFound, Unauthorized
from chat_app.models.principal import Caller, Principal, PrincipalKind, network_of

ANYONE = Principal("anyone", PrincipalKind.LOCAL)
"""Whoever is on this machine in development. An answer of theirs is known by its random id only."""


@dataclass(frozen=True, slots=True)
class ApiCaller(Caller):
    """A caller of the API with its credentials.

    Attributes:
        key: The name of its key, if it has sent one.
        ticket: The ticket sent in place of a key.
    """

    key: str | None = None
    ticket: Ticket | None = None

    def ensure_may_read(self, answer_id: str) -> None:
        """Raises:
        NotFound: The ticket is for another answer.
        """
        if self.ticket and self.ticket.answer_id != answer_id:
            raise NotFound(f"answer {answer_id} with a ticket for {self.ticket.answer_id}")


class Authenticator:
    """Tells who sends a request.

    Args:
        is_open: Whether anyone on this machine may ask.
    """

    def __init__(self, keys: ApiKeys, tickets: Tickets, *, is_open: bool) -> None:
        self._keys = keys
        self._tickets = tickets
        self._is_open = is_open

    def caller(self, request: HTTPConnection) -> ApiCaller:
        """The caller: by key or ticket, by the visitor's cookie, or by being on this machine.

        Raises:
            Unauthorized: It has sent none of them, or a key or a ticket that isn't valid.
        """
        if program := self.program(request):
            return program
        network = network_of(client_host(request))
        if principal := visitor("; ".join(request.headers.getlist("cookie"))):
            return ApiCaller(principal, network)
        if self._is_open and is_on_this_machine(request):
            return ApiCaller(ANYONE, network)
        raise Unauthorized("no key, ticket or cookie")

    def program(self, request: HTTPConnection) -> ApiCaller | None:
        """The program whose key or ticket the request has; ``None`` without either.

        Raises:
            Unauthorized: The key or the ticket isn't valid.
        """
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        network = network_of(client_host(request))
        # A proxy may have asked for a password: those are in a header "Basic", which is none of our business.
        if scheme.lower() == "bearer":
            return self._holder_of_key(key.strip(), network)
        if token := request.query_params.get("ticket"):
            return self._holder_of_ticket(token, network)
        return None

    def _holder_of_key(self, key: str, network: str) -> ApiCaller:
        holder = self._keys.holder_of(key)
        if holder is None:
            raise Unauthorized("an unknown key")
        return ApiCaller(Principal(holder, PrincipalKind.PROGRAM), network, key=holder)

    def _holder_of_ticket(self, token: str, network: str) -> ApiCaller:
        ticket = self._tickets.read(token)
        if ticket is None or ticket.holder not in self._keys:
            raise Unauthorized("a ticket that isn't ours")
        return ApiCaller(Principal(ticket.holder, PrincipalKind.PROGRAM), network, ticket=ticket)
