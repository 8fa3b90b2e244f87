"""Protection against cross-site request forgery (CSRF): other sites can't ask in a visitor's name.

Asking with a GET costs money, and any page can send a GET with an ``<img>`` or a link. Browsers send
the origin of a request (Fetch Metadata, https://www.w3.org/TR/fetch-metadata/). Programs send no such headers and are
admitted: their requests carry no other person's cookie.
"""

from collections.abc import Collection, Mapping

from chat_app.models.errors import Forbidden

_OWN_SITES = ("same-origin", "same-site", "none", None)
_UNREADABLE_MODES = ("no-cors", "navigate")


def ensure_trusted_origin(headers: Mapping[str, str], allowed_origins: Collection[str]) -> None:
    """Check ``Origin``, or Fetch Metadata where there is no ``Origin``.

    Args:
        headers: With names in lower case.

    Raises:
        Forbidden: Another site's page made the browser send the request.
    """
    origin = headers.get("origin")
    if origin is None:
        trusted = headers.get("sec-fetch-site") in _OWN_SITES and headers.get("sec-fetch-mode") not in _UNREADABLE_MODES
    else:
        trusted = origin in allowed_origins
    if not trusted:
        raise Forbidden(f"origin {origin}, site {headers.get('sec-fetch-site')}, mode {headers.get('sec-fetch-mode')}")
