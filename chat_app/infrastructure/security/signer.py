"""What only this server can have made up: signed values and tokens.

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
        """``value``, a dot, and 43 characters of signature in base64url."""
        return self._signer.sign(value).decode()

    def verify(self, signed: str) -> bool:
        """Whether ``sign`` made it."""
        try:
            self._signer.unsign(signed)
        except BadSignature:
            return False
        return True


class TokenIssuer:
    """Issues tokens of URL-safe characters that hold some fields, for all to read, and the moment of their issue."""

    def __init__(self, secret_key: str, purpose: str) -> None:
        self._serializer = URLSafeTimedSerializer(secret_key, purpose, signer_kwargs=_SHA256)

    def issue(self, fields: dict[str, str]) -> str:
        return str(self._serializer.dumps(fields))

    def read(self, token: str, max_age: int | None = None) -> dict[str, str] | None:
        """The fields; ``None`` if ``issue`` didn't make the token, or made it more than ``max_age`` seconds ago."""
        try:
            return self._serializer.loads(token, max_age)
        except BadData:
            return None
