"""Whose page this is."""

import reflex as rx

from chat_app.infrastructure.security.identity import visitor
from chat_app.models.errors import NotFound
from chat_app.models.principal import Caller, Principal, network_of
from chat_app.state.settings.language import LanguageState
from chat_app.texts import Catalogue


class VisitorState(rx.State, mixin=True):
    """What a State needs to know of the browser it works for.

    A State's methods can be called by anyone on the websocket, with any arguments. So the visitor is taken from the
    connection's own headers, and from nothing that an event brings along.
    """

    @property
    def _principal(self) -> Principal:
        """The visitor whose browser this is.

        Raises:
            NotFound: The connection has no cookie, which no browser's is without.
        """
        principal = visitor(self.router.headers.cookie)
        if principal is None:
            raise NotFound("a websocket without a visitor's cookie")
        return principal

    @property
    def _caller(self) -> Caller:
        """The visitor, with the network that the connection comes from.

        Raises:
            NotFound: As ``_principal``.
        """
        return Caller(self._principal, network_of(self.router.session.client_ip))

    async def _texts(self) -> Catalogue:
        """The sentences in their language."""
        return (await self.get_state(LanguageState))._texts
