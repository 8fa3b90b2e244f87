"""No other site may spend money in a visitor's name.

A GET that costs something is reachable from any page's ``<img>`` and from a followed link. Browsers say where a
request comes from (Fetch Metadata, https://www.w3.org/TR/fetch-metadata/); programs say nothing and are let through,
since they hold no visitor's cookie that they weren't given.
"""

from collections.abc import Collection, Mapping

from chat_app.models.errors import Forbidden

_OWN_SITES = ("same-origin", "same-site", "none", None)
_UNREADABLE_MODES = ("no-cors", "navigate")


def ensure_trusted(headers: Mapping[str, str], allowed_origins: Collection[str]) -> None:
    """Refuse what another site made a browser send.

    Args:
        headers: Looked up by lower-case names.

    Raises:
        Forbidden: ``Origin`` is not allowed, or there is none and the fetch metadata is another site's.
    """
    origin = headers.get("origin")
    if origin is None:
        trusted = headers.get("sec-fetch-site") in _OWN_SITES and headers.get("sec-fetch-mode") not in _UNREADABLE_MODES
    else:
        trusted = origin in allowed_origins
    if not trusted:
        raise Forbidden(f"origin {origin}, site {headers.get('sec-fetch-site')}, mode {headers.get('sec-fetch-mode')}")
