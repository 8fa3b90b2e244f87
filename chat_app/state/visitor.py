"""The visitor of a page."""

import reflex as rx

from chat_app.infrastructure.security.identity import visitor
from chat_app.models.errors import NotFound
from chat_app.models.principal import Caller, Principal, network_of
from chat_app.state.settings.language import LanguageState
from chat_app.texts import Catalogue


class VisitorState(rx.State, mixin=True):
    """Mixin that identifies the visitor, for States that call services.

    Anyone on the websocket can call event handlers, with any arguments. So the visitor comes from the headers of the
    connection, never from an event's arguments.
    """

    @property
    def _principal(self) -> Principal:
        """The visitor.

        Raises:
            NotFound: The connection has no visitor cookie. Browsers always have one.
        """
        principal = visitor(self.router.headers.cookie)
        if principal is None:
            raise NotFound("a websocket without a visitor's cookie")
        return principal

    @property
    def _caller(self) -> Caller:
        """The visitor, with the network of the connection.

        Raises:
            NotFound: As ``_principal``.
        """
        return Caller(self._principal, network_of(self.router.session.client_ip))

    async def _texts(self) -> Catalogue:
        """The texts in the visitor's language."""
        return (await self.get_state(LanguageState))._texts
