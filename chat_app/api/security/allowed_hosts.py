"""Host and Origin checks that hold for page, API and websocket alike.

They refuse DNS rebinding: the owner of evil.example lets that name point to this machine once its page is loaded. To
the browser, that page and this server are then one site, so neither ``Origin`` nor Fetch Metadata shows the difference.
Only ``Host`` does. The rules are Vite's, which had the same problem: names have to be known; addresses and localhost
can't be rebound. https://github.com/vitejs/vite/security/advisories/GHSA-vg6x-rcgg-rjx6
"""

import logging
import re
from collections.abc import Collection
from ipaddress import ip_address

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from chat_app.api.http.refusals import STATUSES, texts_for
from chat_app.api.security.authentication import Authenticator
from chat_app.infrastructure.observability.metrics import Metrics
from chat_app.models.errors import Forbidden, RequestError, Unauthorized, WrongHost

logger = logging.getLogger(__name__)

# Load balancers and containers call these by any name; they cost nothing and reveal nothing. The last two are Reflex's.
_OPEN_PATHS = ("/health/live", "/health/ready", "/ping", "/_health")

_HOST = re.compile(r"(\[[^\]]*\]|[^:]*)(:\d*)?")
_VARIABLE = {"variable": "ALLOWED_ORIGINS"}


class AllowedHosts:
    """ASGI middleware that refuses requests for unknown hosts, and websockets from unknown origins.

    A program with a key may call the server by any name, since a page of another site has no key.

    Args:
        hosts: Allowed names in lower case, without ports. Addresses and localhost are allowed anyway.
        origins: Allowed origins of websockets, as browsers write them.
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
        refusal = self._refusal(HTTPConnection(scope)) if scope["type"] in ("http", "websocket") else None
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, connection: HTTPConnection) -> Response | None:
        host, origin = connection.headers.get("host", ""), connection.headers.get("origin")
        if not (is_local(host) or host_name(host) in self._hosts or self._may_use_any_name(connection)):
            _log("a request for the host %s was refused; ALLOWED_ORIGINS doesn't have it", host)
            return self._refuse(connection, WrongHost)
        # Reflex's websocket would refuse it too; other routes look at the origin themselves (``guard``).
        if connection.scope["type"] == "websocket" and origin and origin not in self._origins:
            _log("a websocket of the origin %s was refused; ALLOWED_ORIGINS doesn't have it", origin)
            return self._refuse(connection, Forbidden)
        return None

    def _may_use_any_name(self, connection: HTTPConnection) -> bool:
        try:
            return connection.scope["path"] in _OPEN_PATHS or self._authenticator.program(connection) is not None
        except Unauthorized:
            return False

    def _refuse(self, connection: HTTPConnection, error: type[RequestError]) -> Response:
        self._metrics.rejected(error.code)
        text = texts_for(connection).errors[error.code]
        return PlainTextResponse(text, STATUSES[error.code], {"Cache-Control": "no-store"})


def host_name(host: str) -> str:
    """The name in a ``Host`` header, as ``Settings.allowed_hosts`` has it."""
    match = _HOST.fullmatch(host)
    return match[1].lower().rstrip(".") if match else host


def is_local(host: str) -> bool:
    """Whether a ``Host`` header can't be rebound: an address, localhost (RFC 6761, 6.3), or empty (not a browser's)."""
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
