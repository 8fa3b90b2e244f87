"""Values of variables that are written in a form of their own: lists, origins, named keys and secrets."""

import re
from collections.abc import Sequence
from os import environ

MIN_SECRET_CHARS = 20

_ORIGIN = re.compile(r"(https?)://(\[[\da-f:.]+\]|[a-z\d._-]+)(?::(\d{1,5}))?/?")
_NAMED_KEY = re.compile("([A-Za-z0-9_-]{1,32}):([!-~]+)")
_DEFAULT_PORTS = {"http": "80", "https": "443"}


def local_origins() -> list[str]:
    """Return the page's origins on this machine; Reflex sets its ports in the environment."""
    ports = {environ.get("REFLEX_FRONTEND_PORT", "3000"), environ.get("REFLEX_BACKEND_PORT", "8000")}
    return [f"http://{host}:{port}" for port in sorted(ports) for host in ("localhost", "127.0.0.1", "[::1]")]


def split_commas(value: str) -> list[str]:
    """Return the parts between commas, without those that are blank."""
    return [part.strip() for part in value.split(",") if part.strip()]


def named_keys(pairs: Sequence[str]) -> dict[str, str]:
    """Return API keys by their names.

    Args:
        pairs: As ``name:key``.

    Raises:
        ValueError: A pair has another form, a name or key is there twice, or a key is too short.
    """
    keys: dict[str, str] = {}
    for pair in pairs:
        named = _NAMED_KEY.fullmatch(pair)
        if named is None:
            raise ValueError("not name:key, with commas between several; a name has letters, digits, - and _")
        name, key = named.groups()
        ensure_long(key)
        if name in keys or key in keys.values():
            raise ValueError(f"the name or the key of {name!r} is there twice")
        keys[name] = key
    return keys


def ensure_long(secret: str) -> None:
    """Check a secret's length.

    Raises:
        ValueError: It is shorter than ``MIN_SECRET_CHARS``.
    """
    if len(secret) < MIN_SECRET_CHARS:
        raise ValueError(f"shorter than {MIN_SECRET_CHARS} characters; openssl rand -hex 32 makes a good one")


def serialized_origin(origin: str) -> str:
    """Serialize an origin as browsers do: lower case, without the default port (RFC 6454, section 6.2).

    Raises:
        ValueError: It is no origin.
    """
    match = _ORIGIN.fullmatch(origin.lower())
    if match is None:
        raise ValueError(f"{origin!r} is not an origin like https://chat.example.com")
    scheme, host, port = match.groups()
    return f"{scheme}://{host}:{port}" if port and port != _DEFAULT_PORTS[scheme] else f"{scheme}://{host}"
