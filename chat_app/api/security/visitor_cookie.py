"""The cookie by which ``chat_app.infrastructure.security.identity`` knows a visitor: whoever opens the page gets one.

It is signed so that nobody makes up visitors without opening the page: what a visitor may ask is limited, which would
mean nothing if everyone could be as many as they like. New visitors from one address are limited as well. Pages and
websockets count, since they set the cookie; assets don't.
"""

import secrets
from collections.abc import Iterable

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from chat_app.api.http.refusals import texts_for
from chat_app.api.security.addresses import client_host
from chat_app.infrastructure.security.identity import COOKIE, signed_values
from chat_app.infrastructure.security.signer import ValueSigner
from chat_app.models.errors import TooManyRequests
from chat_app.models.principal import network_of
from chat_app.services.answering.allowance import MINUTE
from chat_app.services.ports import RateLimiter

MAX_AGE = 365 * 24 * 3600  # seconds, counted from the latest visit

Headers = Iterable[tuple[bytes, bytes]]

_PROGRAMS_PATHS = ("/stream", "/v1", "/metrics", "/health", "/ping")
_TRY_AGAIN_LATER = 1013  # https://www.iana.org/assignments/websocket/websocket.xhtml#close-code-number


class VisitorCookie:
    """ASGI middleware that gives every browser its cookie, in time for the very first request to know the visitor.

    What is inside of it sees a cookie that this server has signed, or none. Programs are given none: those that keep
    cookies would turn into someone else between two requests.

    Args:
        max_new: How many new visitors may come from one address within a minute.
        secure: Whether the browser may send the cookie over HTTPS only.
    """

    def __init__(
        self, app: ASGIApp, *, signer: ValueSigner, limiter: RateLimiter, max_new: int, secure: bool = False
    ) -> None:
        self._app = app
        self._signer = signer
        self._limiter = limiter
        self._max_new = max_new
        self._attributes = f"Path=/; Max-Age={MAX_AGE}; HttpOnly; SameSite=Lax" + ("; Secure" if secure else "")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        cookies = _cookie_header(scope["headers"])
        value = next(filter(self._signer.verify, signed_values(cookies)), None)
        is_new = value is None and not _is_for_programs(scope["path"])
        if is_new and scope["type"] == "websocket" and not await self._is_admitted(scope):
            await WebSocketClose(_TRY_AGAIN_LATER)(scope, receive, send)
            return
        if is_new:
            value = self._signer.sign(secrets.token_urlsafe(32))
        inner = {**scope, "headers": _with_cookies(scope["headers"], [*_others(cookies), *_pair(value)])}
        is_refused = False

        async def send_with_cookie(message: Message) -> None:
            nonlocal is_refused
            if is_refused:
                return
            if value and _reaches_visitor(message):
                # Only its response tells a page from an asset, which a browser without cookies fetches as well.
                if is_new and scope["type"] == "http" and not await self._is_admitted(scope):
                    is_refused = True
                    await _refusal(scope)(scope, receive, send)
                    return
                message = self._with_set_cookie(message, value)
            await send(message)

        await self._app(inner, receive, send_with_cookie)

    async def _is_admitted(self, scope: Scope) -> bool:
        """Count a new visitor; ``False`` if there have been too many from this address."""
        network = network_of(client_host(HTTPConnection(scope)))
        return await self._limiter.count(self._max_new, MINUTE, "new visitors", network)

    def _with_set_cookie(self, message: Message, value: str) -> Message:
        set_cookie = (b"set-cookie", f"{COOKIE}={value}; {self._attributes}".encode())
        # A shared cache must not hand one visitor's cookie to the next.
        private = [(b"cache-control", b"private")] if message["type"] == "http.response.start" else []
        return {**message, "headers": [*message.get("headers", []), set_cookie, *private]}


def _refusal(scope: Scope) -> ASGIApp:
    text = texts_for(HTTPConnection(scope)).errors[TooManyRequests.code]
    return PlainTextResponse(text, 429, {"Retry-After": str(MINUTE), "Cache-Control": "no-store"})


def _is_for_programs(path: str) -> bool:
    return any(path == prefix or path.startswith(f"{prefix}/") for prefix in _PROGRAMS_PATHS)


def _cookie_header(headers: Headers) -> str:
    return "; ".join(value.decode("latin-1") for name, value in headers if name == b"cookie")


def _others(cookie_header: str) -> list[str]:
    pairs = (pair.strip() for pair in cookie_header.split(";"))
    return [pair for pair in pairs if pair and pair.partition("=")[0] != COOKIE]


def _pair(value: str | None) -> list[str]:
    return [f"{COOKIE}={value}"] if value else []


def _with_cookies(headers: Headers, cookies: list[str]) -> list[tuple[bytes, bytes]]:
    rest = [(name, value) for name, value in headers if name != b"cookie"]
    # One header, not two: python-engineio would join them with a comma.
    return [*rest, (b"cookie", "; ".join(cookies).encode("latin-1"))] if cookies else rest


def _reaches_visitor(message: Message) -> bool:
    """A page or a websocket; not the assets, which a page loads many of at once."""
    if message["type"] == "http.response.start":
        headers: Headers = message.get("headers", [])  # optional in ASGI
        return any(name == b"content-type" and value.startswith(b"text/html") for name, value in headers)
    return message["type"] == "websocket.accept"
