"""Authentication of API requests.

Programs send an API key, browsers on other sites a ticket issued with a key, browsers on this app's page the visitor
cookie. In development, clients on this machine need no credentials.
"""

from dataclasses import dataclass

from starlette.requests import HTTPConnection

from chat_app.api.security.client_address import client_host, is_local_client
from chat_app.api.security.keys import ApiKeys
from chat_app.api.security.tickets import Ticket, Tickets
from chat_app.infrastructure.security.identity import visitor
from chat_app.models.errors import NotFound, Unauthorized
from chat_app.models.principal import Caller, Principal, PrincipalKind, network_of

ANYONE = Principal("anyone", PrincipalKind.LOCAL)
"""The principal of all clients without credentials. Their answers are protected by their random ids only."""


@dataclass(frozen=True, slots=True)
class ApiCaller(Caller):
    """A caller of the API with its credentials.

    Attributes:
        key: The name of its API key, if it has sent one.
        ticket: The ticket sent in place of a key.
    """

    key: str | None = None
    ticket: Ticket | None = None

    def ensure_may_read(self, answer_id: str) -> None:
        """Check that the ticket, if there is one, is for this answer.

        Raises:
            NotFound: It is for another answer.
        """
        if self.ticket and self.ticket.answer_id != answer_id:
            raise NotFound(f"answer {answer_id} with a ticket for {self.ticket.answer_id}")


class Authenticator:
    """Identifies the callers of requests.

    Args:
        is_open: Admit clients on this machine without credentials.
    """

    def __init__(self, keys: ApiKeys, tickets: Tickets, *, is_open: bool) -> None:
        self._keys = keys
        self._tickets = tickets
        self._is_open = is_open

    def caller(self, request: HTTPConnection) -> ApiCaller:
        """Identify the caller by API key, ticket, visitor cookie or local address, in this order.

        Raises:
            Unauthorized: It has none of them, or an invalid key or ticket.
        """
        if program := self.program(request):
            return program
        network = network_of(client_host(request))
        if principal := visitor("; ".join(request.headers.getlist("cookie"))):
            return ApiCaller(principal, network)
        if self._is_open and is_local_client(request):
            return ApiCaller(ANYONE, network)
        raise Unauthorized("no key, ticket or cookie")

    def program(self, request: HTTPConnection) -> ApiCaller | None:
        """Identify a program by its API key or ticket; ``None`` without either.

        Raises:
            Unauthorized: The key or the ticket is invalid.
        """
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        network = network_of(client_host(request))
        # A header "Basic" is a reverse proxy's password.
        if scheme.lower() == "bearer":
            holder = self._keys.holder_of(key.strip())
            if holder is None:
                raise Unauthorized("an unknown key")
            return ApiCaller(Principal(holder, PrincipalKind.PROGRAM), network, key=holder)
        if token := request.query_params.get("ticket"):
            ticket = self._tickets.read(token)
            if ticket is None or ticket.holder not in self._keys:
                raise Unauthorized("a ticket that isn't ours")
            return ApiCaller(Principal(ticket.holder, PrincipalKind.PROGRAM), network, ticket=ticket)
        return None
