"""Reverse proxies in front of the server."""

import logging
from typing import Any

from starlette.requests import HTTPConnection
from starlette.types import Scope
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from chat_app.api.security.client_address import client_host, is_forwarded
from chat_app.models.principal import parse_address

logger = logging.getLogger(__name__)


class TrustedProxies(ProxyHeadersMiddleware):
    """ASGI middleware that takes the client's address from ``X-Forwarded-For`` of a trusted proxy.

    Warns of a proxy that seems to be missing in the configuration: all its visitors share the rate limits of one
    address.
    """

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] in ("http", "websocket"):
            _unmap_ipv4(scope)
            self._warn_of_unknown_proxy(scope)
        await super().__call__(scope, receive, send)

    def _warn_of_unknown_proxy(self, scope: Scope) -> None:
        connection = HTTPConnection(scope)
        host = client_host(connection)
        if is_forwarded(connection) and host not in self.trusted_hosts and _may_be_a_proxy(host):
            logger.warning(
                "a proxy at %s isn't in TRUSTED_PROXIES: all who come through it share the limits of one address",
                host,
                extra={"often": True, "fields": {"variable": "TRUSTED_PROXIES"}},
            )


def _unmap_ipv4(scope: Scope) -> None:
    """Turn an IPv4-mapped address into IPv4: a server that listens on ``::`` gets 10.0.0.1 as ::ffff:10.0.0.1."""
    host, port = scope["client"] or ("", 0)
    address = parse_address(host)
    if address is not None and address.version == 4 and ":" in host:  # noqa: PLR2004 - the protocol
        scope["client"] = (str(address), port)


def _may_be_a_proxy(host: str) -> bool:
    """Return True for a private address. Public ones are clients, which can send such headers as well."""
    address = parse_address(host)
    return address is not None and address.is_private
