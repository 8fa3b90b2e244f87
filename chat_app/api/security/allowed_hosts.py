"""Checks of ``Host`` and ``Origin`` for page, API and websocket, against DNS rebinding.

In DNS rebinding, the owner of evil.example serves a page, then lets the name resolve to this machine. For the browser,
that page and this server are the same site, so ``Origin`` and Fetch Metadata look right; only ``Host`` is wrong.
As in Vite, host names have to be configured; IP addresses and localhost can't be rebound.
https://github.com/vitejs/vite/security/advisories/GHSA-vg6x-rcgg-rjx6
"""

import logging
import re
from collections.abc import Collection
from ipaddress import ip_address

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from chat_app.api.http.below_path import route_path
from chat_app.api.http.errors import STATUSES, texts_for
from chat_app.api.security.authentication import Authenticator
from chat_app.infrastructure.observability.metrics import Metrics
from chat_app.models.errors import Forbidden, RequestError, Unauthorized, WrongHost

logger = logging.getLogger(__name__)

# Load balancers and container runtimes call these by any host name. The last two are Reflex's.
_OPEN_PATHS = ("/health/live", "/health/ready", "/ping", "/_health")

_HOST = re.compile(r"(\[[^\]]*\]|[^:]*)(:\d*)?")
_VARIABLE = {"variable": "ALLOWED_ORIGINS"}


class AllowedHosts:
    """ASGI middleware that refuses requests to unknown hosts, and websockets from unknown origins.

    A request with an API key may use any host name: pages of other sites don't have the key.

    Args:
        hosts: Allowed host names in lower case, without ports, besides IP addresses and localhost.
        origins: Allowed origins of websockets, as in the ``Origin`` header.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Collection[str],
        origins: Collection[str],
        authenticator: Authenticator,
        metrics: Metrics,
    ) -> None:
        self._app = app
        self._hosts = hosts
        self._origins = origins
        self._authenticator = authenticator
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        error = self._error_response(HTTPConnection(scope)) if scope["type"] in ("http", "websocket") else None
        await (error or self._app)(scope, receive, send)

    def _error_response(self, connection: HTTPConnection) -> Response | None:
        """The response to a request that isn't allowed, ``None`` for one that is."""
        host, origin = connection.headers.get("host", ""), connection.headers.get("origin")
        if not (is_local(host) or host_name(host) in self._hosts or self._may_use_any_host(connection)):
            _log("a request for the host %s was refused; ALLOWED_ORIGINS doesn't have it", host)
            return self._refuse(connection, WrongHost)
        # HTTP routes check the origin by themselves (``csrf``).
        if connection.scope["type"] == "websocket" and origin and origin not in self._origins:
            _log("a websocket of the origin %s was refused; ALLOWED_ORIGINS doesn't have it", origin)
            return self._refuse(connection, Forbidden)
        return None

    def _may_use_any_host(self, connection: HTTPConnection) -> bool:
        try:
            return route_path(connection.scope) in _OPEN_PATHS or self._authenticator.program(connection) is not None
        except Unauthorized:
            return False

    def _refuse(self, connection: HTTPConnection, error: type[RequestError]) -> Response:
        self._metrics.rejected(error.code)
        text = texts_for(connection).errors[error.code]
        return PlainTextResponse(text, STATUSES[error.code], {"Cache-Control": "no-store"})


def host_name(host: str) -> str:
    """The host name in a ``Host`` header, in lower case and without the port."""
    match = _HOST.fullmatch(host)
    return match[1].lower().rstrip(".") if match else host


def is_local(host: str) -> bool:
    """Return True if a ``Host`` header can't be rebound: an IP address, localhost (RFC 6761, 6.3), or empty.

    Browsers never send an empty one.
    """
    name = host_name(host)
    if name in ("", "localhost") or name.endswith(".localhost"):
        return True
    try:
        ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def _log(message: str, value: str) -> None:
    logger.warning(message, value, extra={"often": True, "fields": _VARIABLE})
