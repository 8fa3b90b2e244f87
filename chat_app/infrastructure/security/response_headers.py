"""Security headers of every response (https://owasp.org/www-project-secure-headers/).

The HTTP server adds them, so that errors, refusals, websockets and Reflex's own responses have them too.
"""

from chat_app.config import Settings

PAGE_POLICY = {
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval'",  # Reflex's own: the page's first state, rx.call_script
    "img-src": "'self' data: blob:",
    "style-src": "'self' 'unsafe-inline'",
    "font-src": "'self' data:",
    "media-src": "'self' data: blob:",
    "frame-src": "'none'",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
}
"""The page's content security policy: nothing is loaded from other sites (https://www.w3.org/TR/CSP3/).

Otherwise an answer could have the browser fetch an address that leaks the conversation. Markdown and formulas load
nothing from other sites; Mermaid may, even at its strictest level. To load parts of the page from another site, add the
site here.
"""

FILE_POLICY = "default-src 'none'; sandbox"
"""The content security policy of stored files."""

# Features that the page doesn't use. The clipboard, which it uses, is allowed unless it is named here.
_DENIED = (
    "accelerometer",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "hid",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "serial",
    "usb",
)
_YEAR = 365 * 24 * 3600  # seconds


def as_text(policy: dict[str, str]) -> str:
    """A content security policy as browsers read it."""
    return "; ".join(f"{directive} {sources}" for directive, sources in policy.items())


def response_headers(settings: Settings) -> list[tuple[str, str]]:
    """The headers, for uvicorn's setting of that name."""
    headers = [
        # A page of another site must not show this one in a frame and have its visitors click there.
        ("Content-Security-Policy", as_text({**PAGE_POLICY, "frame-ancestors": "'none'"})),
        ("X-Content-Type-Options", "nosniff"),
        # Other sites must not learn a conversation's address.
        ("Referrer-Policy", "same-origin"),
        ("Permissions-Policy", ", ".join(f"{feature}=()" for feature in _DENIED)),
    ]
    if settings.cookie_secure:
        headers.append(("Strict-Transport-Security", f"max-age={_YEAR}"))
    return headers
