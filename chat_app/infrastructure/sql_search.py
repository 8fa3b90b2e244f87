"""The query that looks for a text in titles and messages.

It reads what there is: an index of all words would have to be kept up while answers stream, in two kinds of databases,
and would not find the middle of a Korean word. Conversations are gone through from the newest on, up to ``limit``.
"""

import unicodedata
from string import ascii_lowercase, ascii_uppercase

from sqlalchemy import ColumnElement, Select, func, or_, select

from chat_app.infrastructure.sql_tables import conversation_table, is_deleted, message_table

_ASCII_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)


def search(owner: str, text: str, limit: int) -> Select:
    """The owner's conversations that have ``text``, in whatever case, each with what a ``Match`` has of it."""
    columns, found = conversation_table.c, message_table.alias()
    any_message = message_table.alias()
    newest = (
        select(any_message.c.id)
        .where(any_message.c.conversation_id == columns.id, _contains(any_message.c.text, text))
        .order_by(any_message.c.created_at.desc(), any_message.c.id.desc())
        .limit(1)
        .correlate(conversation_table)
        .scalar_subquery()
    )
    return (
        select(
            conversation_table,
            found.c.id.label("message_id"),
            func.coalesce(found.c.text, columns.title).label("found_text"),
        )
        .select_from(conversation_table)
        .outerjoin(found, found.c.id == newest)
        .where(columns.owner == owner, ~is_deleted, or_(found.c.id.is_not(None), _contains(columns.title, text)))
        .order_by(columns.updated_at.desc(), columns.id.desc())
        .limit(limit)
    )


def _contains(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    return or_(*(column.icontains(spelling, autoescape=True) for spelling in _spellings(text)))


def _spellings(text: str) -> list[str]:
    """Ways to write ``text``: SQLite, and PostgreSQL in some locales, know upper and lower case of ASCII only.

    Neither knows that an accent, or a Korean syllable, can be one character or several.
    """
    cases = (text, text.lower(), text.upper(), text.title())
    composed = [unicodedata.normalize("NFC", case) for case in cases]
    decomposed = [unicodedata.normalize("NFD", case) for case in cases]
    return list(dict.fromkeys(spelling.translate(_ASCII_LOWER) for spelling in composed + decomposed))
