"""Column types that behave the same in SQLite and PostgreSQL, for all values that Python allows."""

import re
from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, Text, TypeDecorator

from chat_app.models.principal import Principal

# PostgreSQL's text holds no U+0000, and UTF-8 no half of a surrogate pair.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def storable(text: str) -> str:
    """Replace each character that can't be stored with U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)


class StorableText(TypeDecorator[str]):
    """Text of any length.

    Each character that can't be stored becomes U+FFFD, so that the length, and with it every position in an answer
    (``models.events.Cursor``), stays the same. Parameters of queries are converted too: an id with such characters
    isn't found.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return value if value is None else storable(value)


class PrincipalKey(TypeDecorator[Principal]):
    """A principal, stored as its key."""

    impl = StorableText
    cache_ok = True

    def process_bind_param(self, value: Principal | None, dialect: Dialect) -> str | None:
        return value and value.key

    def process_result_value(self, value: str | None, dialect: Dialect) -> Principal | None:
        return None if value is None else Principal.from_key(value)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, to the microsecond. SQLite keeps no time zone, so everything is kept and returned in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and (value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC))
