"""The search for words in titles and messages.

It scans the owner's messages: a full-text index would have to be updated while answers stream, in two kinds of
databases, and would not find the middle of a Korean word. The scan begins with the newest conversation and ends at
``limit``.
"""

import unicodedata
from collections.abc import Collection, Sequence
from string import ascii_lowercase, ascii_uppercase

from sqlalchemy import ColumnElement, FromClause, Select, and_, exists, or_, select

from chat_app.infrastructure.sql.tables import conversation_table, is_deleted, message_table, part_table
from chat_app.models.principal import Principal

_ASCII_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)


def search(owner: Principal, words: Sequence[str], limit: int) -> Select:
    """Select the owner's conversations with all words in one message or in the title.

    ``message_id`` is that of the newest such message, null where only the title has the words.

    Args:
        words: The longest first: few texts have it, so that the database rarely has to look for the others.
    """
    columns, found = conversation_table.c, message_table.alias()
    any_message = message_table.alias()
    newest = (
        select(any_message.c.id)
        .where(any_message.c.conversation_id == columns.id, *(_has(any_message, word) for word in words))
        .order_by(any_message.c.created_at.desc(), any_message.c.id.desc())
        .limit(1)
        .correlate(conversation_table)
        .scalar_subquery()
    )
    return (
        select(
            conversation_table,
            found.c.id.label("message_id"),
        )
        .select_from(conversation_table)
        .outerjoin(found, found.c.id == newest)
        .where(columns.owner == owner, ~is_deleted, or_(found.c.id.is_not(None), _contains(columns.title, words)))
        .order_by(columns.updated_at.desc(), columns.id.desc())
        .limit(limit)
    )


def texts(message_ids: Collection[str]) -> Select:
    """Select the texts of these messages, in order."""
    query = select(part_table.c.message_id, part_table.c.text)
    query = query.where(part_table.c.message_id.in_(message_ids), part_table.c.kind == "text")
    return query.order_by(part_table.c.message_id, part_table.c.position)


def _has(message: FromClause, word: str) -> ColumnElement[bool]:
    """Condition that one of the message's texts contains ``word``."""
    part = part_table.alias()
    of_message = select(part.c.text).where(part.c.message_id == message.c.id, part.c.kind == "text")
    # The offset keeps PostgreSQL from planning a join for each word, which took half a minute with a hundred of them.
    return exists(of_message.where(_contains(part.c.text, [word])).limit(1).offset(0).correlate(message))


def _contains(column: ColumnElement[str], words: Sequence[str]) -> ColumnElement[bool]:
    return and_(
        *(or_(*(column.icontains(spelling, autoescape=True) for spelling in _spellings(word))) for word in words)
    )


def _spellings(word: str) -> list[str]:
    """Variants of ``word`` in case and composition.

    SQLite, and PostgreSQL in some locales, fold the case of ASCII only. Neither knows that an accent, or a Korean
    syllable, can be one character or several.
    """
    cases = (word, word.lower(), word.upper(), word.title())
    composed = [unicodedata.normalize("NFC", case) for case in cases]
    decomposed = [unicodedata.normalize("NFD", case) for case in cases]
    return list(dict.fromkeys(spelling.translate(_ASCII_LOWER) for spelling in composed + decomposed))
