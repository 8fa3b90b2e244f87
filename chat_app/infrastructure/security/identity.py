"""Who is looking at the page: a visitor is known by a random cookie that this server has signed.

``chat_app.api.security.visitor_cookie`` hands the cookies out, and lets none through that it hasn't.
"""

import re
from hashlib import sha256

from chat_app.models.principal import Principal

COOKIE = "chat_visitor"

# What ``secrets.token_urlsafe(32)`` makes, 256 bits in 43 characters, and a signature as long.
_PAIR = re.compile(rf"(?:^|;)\s*{COOKIE}=([A-Za-z0-9_-]{{43}})(\.[A-Za-z0-9_-]{{43}})\s*(?=;|$)")


def visitor(cookie_header: str) -> Principal | None:
    """The principal of the visitor cookie in a ``Cookie`` header, ``None`` without a cookie of that name and form.

    Its id is the hash of the cookie's value: with the database alone nobody can impersonate a visitor.
    """
    found = _PAIR.search(cookie_header)
    return Principal(sha256(found[1].encode()).hexdigest()) if found else None


def signed_values(cookie_header: str) -> list[str]:
    """What the header has under that name and in that form, signed or not by this server."""
    return [value + signature for value, signature in _PAIR.findall(cookie_header)]
