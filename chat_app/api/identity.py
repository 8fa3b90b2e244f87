"""Who is asking: a visitor is known by a random cookie, everybody without one is the same stranger."""

import re
import secrets
from collections.abc import Iterable
from hashlib import sha256

from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "chat_visitor"
MAX_AGE = 365 * 24 * 3600  # seconds, counted from the latest visit
PROGRAM = "program"
"""The owner of what is asked without a cookie. No conversation is theirs; an answer is known by its random id only."""

Headers = Iterable[tuple[bytes, bytes]]

# What ``secrets.token_urlsafe(32)`` makes: 256 bits in 43 characters.
_COOKIE_PAIR = re.compile(rf"(?:^|;)\s*{COOKIE}=([A-Za-z0-9_-]{{43}})\s*(?=;|$)")


def visitor(cookie_header: str) -> str | None:
    """The owner this ``Cookie`` header stands for, ``None`` without a well-formed cookie.

    It is the hash of the cookie's value, so that whoever reads the database still can't be anybody.
    """
    value = _value(cookie_header)
    return sha256(value.encode()).hexdigest() if value else None


class VisitorCookie:
    """ASGI middleware that gives every browser its cookie, in time for the very first request to know the visitor.

    Programs get none at ``/stream``: those that keep cookies would turn into someone else between two requests.

    Args:
        secure: Whether the browser may send the cookie over HTTPS only.
    """

    def __init__(self, app: ASGIApp, *, secure: bool = False) -> None:
        self._app = app
        self._attributes = f"Path=/; Max-Age={MAX_AGE}; HttpOnly; SameSite=Lax" + ("; Secure" if secure else "")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or _is_stream(scope["path"]):
            await self._app(scope, receive, send)
            return
        cookies = _cookie_header(scope["headers"])
        value = _value(cookies)
        if value is None:
            value = secrets.token_urlsafe(32)
            scope = {**scope, "headers": _with_cookie(scope["headers"], f"{cookies}; {COOKIE}={value}".lstrip("; "))}

        async def send_with_cookie(message: Message) -> None:
            await send(self._with_set_cookie(message, value) if _reaches_visitor(message) else message)

        await self._app(scope, receive, send_with_cookie)

    def _with_set_cookie(self, message: Message, value: str) -> Message:
        set_cookie = (b"set-cookie", f"{COOKIE}={value}; {self._attributes}".encode())
        # A shared cache must not hand one visitor's cookie to the next.
        private = [(b"cache-control", b"private")] if message["type"] == "http.response.start" else []
        return {**message, "headers": [*message.get("headers", []), set_cookie, *private]}


def _value(cookie_header: str) -> str | None:
    found = _COOKIE_PAIR.search(cookie_header)
    return found[1] if found else None


def _is_stream(path: str) -> bool:
    return path == "/stream" or path.startswith("/stream/")


def _cookie_header(headers: Headers) -> str:
    return "; ".join(value.decode("latin-1") for name, value in headers if name == b"cookie")


def _with_cookie(headers: Headers, cookies: str) -> list[tuple[bytes, bytes]]:
    # One header, not two: python-engineio would join them with a comma.
    return [*((name, value) for name, value in headers if name != b"cookie"), (b"cookie", cookies.encode("latin-1"))]


def _reaches_visitor(message: Message) -> bool:
    """A page or a websocket; not the assets, which a page loads many of at once."""
    if message["type"] == "http.response.start":
        headers: Headers = message.get("headers", [])  # optional in ASGI
        return any(name == b"content-type" and value.startswith(b"text/html") for name, value in headers)
    return message["type"] == "websocket.accept"
