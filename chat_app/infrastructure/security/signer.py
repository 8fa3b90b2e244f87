"""Signed values and tokens.

Each has a purpose; a signature for one purpose doesn't count for another.
"""

from hashlib import sha256
from typing import Any

from itsdangerous import BadData, BadSignature, Signer, URLSafeTimedSerializer

_SHA256: dict[str, Any] = {"digest_method": sha256}


class ValueSigner:
    """Signs values that stay readable.

    Args:
        secret_key: As ``secret_key`` returns it.
    """

    def __init__(self, secret_key: str, purpose: str) -> None:
        self._signer = Signer(secret_key, purpose, **_SHA256)

    def sign(self, value: str) -> str:
        """Return ``value``, a dot, and a signature of 43 characters in base64url."""
        return self._signer.sign(value).decode()

    def verify(self, signed: str) -> bool:
        """Return True if the signature is valid."""
        try:
            self._signer.unsign(signed)
        except BadSignature:
            return False
        return True


class TokenIssuer:
    """Issues signed URL-safe tokens with the time of issue and some fields, which anyone can read."""

    def __init__(self, secret_key: str, purpose: str) -> None:
        self._serializer = URLSafeTimedSerializer(secret_key, purpose, signer_kwargs=_SHA256)

    def issue(self, fields: dict[str, str]) -> str:
        return str(self._serializer.dumps(fields))

    def read(self, token: str, max_age: int | None = None) -> dict[str, str] | None:
        """Return the fields; ``None`` if the signature is invalid, or older than ``max_age`` seconds."""
        try:
            return self._serializer.loads(token, max_age)
        except BadData:
            return None
