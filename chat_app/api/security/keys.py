"""API keys of programs."""

from collections.abc import Mapping
from hashlib import sha256
from hmac import compare_digest

from pydantic import SecretStr


class ApiKeys:
    """The configured API keys, by the names of their holders, kept as hashes.

    Args:
        keys: As ``Settings.stream_api_keys``.
    """

    def __init__(self, keys: Mapping[str, SecretStr]) -> None:
        self._hashes = {name: _hash(key.get_secret_value()) for name, key in keys.items()}

    def __contains__(self, name: object) -> bool:
        return name in self._hashes

    def holder_of(self, key: str) -> str | None:
        """The name of the key's holder, ``None`` for an unknown key; compared in constant time."""
        digest = _hash(key)
        # No early exit, against timing attacks.
        matches = [name for name, known in self._hashes.items() if compare_digest(known, digest)]
        return matches[0] if matches else None


def _hash(key: str) -> bytes:
    return sha256(key.encode("utf-8", "replace")).digest()
