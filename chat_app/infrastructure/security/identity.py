"""Visitors' identity: a random cookie that this server has signed.

``chat_app.api.security.visitor_cookie`` issues the cookies and removes all others from requests.
"""

import re
from hashlib import sha256

from chat_app.models.principal import Principal

COOKIE = "chat_visitor"

# The form of ``secrets.token_urlsafe(32)``, 256 bits in 43 characters, and of a signature as long.
_PAIR = re.compile(rf"(?:^|;)\s*{COOKIE}=([A-Za-z0-9_-]{{43}})(\.[A-Za-z0-9_-]{{43}})\s*(?=;|$)")


def visitor(cookie_header: str) -> Principal | None:
    """The principal of the visitor cookie in a ``Cookie`` header, ``None`` without a cookie of that name and form.

    Its id is the hash of the cookie's value: the database alone isn't enough to impersonate a visitor.
    """
    found = _PAIR.search(cookie_header)
    return Principal(sha256(found[1].encode()).hexdigest()) if found else None


def signed_values(cookie_header: str) -> list[str]:
    """Return the cookies of that name and form in the header; their signatures aren't checked."""
    return [value + signature for value, signature in _PAIR.findall(cookie_header)]
