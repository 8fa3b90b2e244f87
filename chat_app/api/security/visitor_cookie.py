"""The visitor cookie, set when a browser opens the page; ``chat_app.infrastructure.security.identity`` reads it.

It is signed, and new visitors are rate-limited by address: otherwise a client could evade the limits of a visitor by
making up new ones. Pages and websockets set the cookie and count as visits; assets don't.
"""

import secrets
from collections.abc import Iterable

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from chat_app.api.http.below_path import route_path
from chat_app.api.http.errors import texts_for
from chat_app.api.security.client_address import client_host
from chat_app.infrastructure.security.identity import COOKIE, signed_values
from chat_app.infrastructure.security.signer import ValueSigner
from chat_app.models.errors import StorageUnavailable, TooManyRequests
from chat_app.models.principal import network_of
from chat_app.services.answering.allowance import MINUTE
from chat_app.services.ports import RateLimiter

MAX_AGE = 365 * 24 * 3600  # seconds, counted from the latest visit

Headers = Iterable[tuple[bytes, bytes]]

_API_PATHS = ("/stream", "/files", "/v1", "/metrics", "/health", "/ping")
_TRY_AGAIN_LATER = 1013  # https://www.iana.org/assignments/websocket/websocket.xhtml#close-code-number


class VisitorCookie:
    """ASGI middleware that sets the visitor cookie.

    The application inside gets a cookie with a valid signature or none, and a new visitor's in its first request
    already. Paths of the API set no cookie: a program that keeps cookies would change its identity between requests.

    Args:
        max_new: Limit of new visitors from one network within a minute.
        secure: Set the cookie for HTTPS only.
    """

    def __init__(
        self, app: ASGIApp, *, signer: ValueSigner, limiter: RateLimiter, max_new: int, secure: bool = False
    ) -> None:
        self._app = app
        self._signer = signer
        self._limiter = limiter
        self._max_new = max_new
        self._attributes = f"Max-Age={MAX_AGE}; HttpOnly; SameSite=Lax" + ("; Secure" if secure else "")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        cookies = _cookie_header(scope["headers"])
        value = next(filter(self._signer.verify, signed_values(cookies)), None)
        is_new = value is None and not _is_api_path(route_path(scope))
        if is_new and scope["type"] == "websocket" and not await self._is_admitted(scope):
            await WebSocketClose(_TRY_AGAIN_LATER)(scope, receive, send)
            return
        if is_new:
            value = self._signer.sign(secrets.token_urlsafe(32))
        inner = {**scope, "headers": _with_visitor_cookie(scope["headers"], cookies, value)}
        is_refused = False

        async def send_with_cookie(message: Message) -> None:
            nonlocal is_refused
            if is_refused:
                return
            if value and _sets_cookie(message):
                # Counted here, since only the response distinguishes a page from an asset.
                if is_new and scope["type"] == "http" and not await self._is_admitted(scope):
                    is_refused = True
                    await _too_many_visitors(scope)(scope, receive, send)
                    return
                message = self._with_set_cookie(message, value, scope)
            await send(message)

        await self._app(inner, receive, send_with_cookie)

    async def _is_admitted(self, scope: Scope) -> bool:
        """Count a new visitor; returns False if there have been too many from this network."""
        network = network_of(client_host(HTTPConnection(scope)))
        try:
            return await self._limiter.count(self._max_new, MINUTE, "new visitors", network)
        except StorageUnavailable:  # the page tells of the outage, and can't ask anything meanwhile
            return True

    def _with_set_cookie(self, message: Message, value: str, scope: Scope) -> Message:
        # Other apps of the host, perhaps another chat, have paths of their own.
        path = scope.get("root_path") or "/"
        set_cookie = (b"set-cookie", f"{COOKIE}={value}; Path={path}; {self._attributes}".encode())
        # A shared cache must not hand one visitor's cookie to the next.
        private = [(b"cache-control", b"private")] if message["type"] == "http.response.start" else []
        return {**message, "headers": [*message.get("headers", []), set_cookie, *private]}


def _too_many_visitors(scope: Scope) -> ASGIApp:
    text = texts_for(HTTPConnection(scope)).errors[TooManyRequests.code]
    return PlainTextResponse(text, 429, {"Retry-After": str(MINUTE), "Cache-Control": "no-store"})


def _is_api_path(path: str) -> bool:
    return any(path == prefix or path.startswith(f"{prefix}/") for prefix in _API_PATHS)


def _cookie_header(headers: Headers) -> str:
    return "; ".join(value.decode("latin-1") for name, value in headers if name == b"cookie")


def _with_visitor_cookie(headers: Headers, cookies: str, value: str | None) -> list[tuple[bytes, bytes]]:
    """Replace the visitor cookie among ``cookies`` with one that has this value, or remove it."""
    pairs = [pair for each in cookies.split(";") if (pair := each.strip()) and pair.partition("=")[0] != COOKIE]
    if value:
        pairs.append(f"{COOKIE}={value}")
    rest = [(name, content) for name, content in headers if name != b"cookie"]
    # One header, not two: python-engineio would join them with a comma.
    return [*rest, (b"cookie", "; ".join(pairs).encode("latin-1"))] if pairs else rest


def _sets_cookie(message: Message) -> bool:
    """Return True for the response of a page or a websocket. A page loads many assets at once: none of them sets it."""
    if message["type"] == "http.response.start":
        headers: Headers = message.get("headers", [])  # optional in ASGI
        return any(name == b"content-type" and value.startswith(b"text/html") for name, value in headers)
    return message["type"] == "websocket.accept"
