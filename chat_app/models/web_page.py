"""Addresses of web pages."""

from urllib.parse import urlsplit

MAX_URL_CHARS = 2000


def is_web_page(url: str) -> bool:
    """Return True if ``url`` is an address that a link may have: of ``http`` or ``https``, with a host."""
    return len(url) <= MAX_URL_CHARS and bool(host_of(url))


def host_of(url: str) -> str:
    """Return the host of a web page; empty if ``url`` isn't the address of one."""
    try:
        address = urlsplit(url)
    except ValueError:
        return ""
    return (address.hostname or "") if address.scheme in ("http", "https") else ""
