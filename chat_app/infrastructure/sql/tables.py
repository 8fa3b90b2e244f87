"""The tables. A change here needs a migration: see ``chat_app.infrastructure.sql.migrations``."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    false,
    literal_column,
    text,
)

from chat_app.infrastructure.sql.types import PrincipalKey, StorableText, UtcDateTime
from chat_app.models.message import Status

# Migrations find constraints by name, so that every database has to give them the same one.
metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

conversation_table = Table(
    "conversations",
    metadata,
    Column("id", StorableText, primary_key=True),
    Column("owner", PrincipalKey, nullable=False),
    Column("title", StorableText, nullable=False),
    # No foreign key: a conversation and its first message would each have to exist before the other.
    Column("latest_id", StorableText),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("is_titled", Boolean, nullable=False, server_default=false()),
    Column("is_pinned", Boolean, nullable=False, server_default=false()),
    # ConversationSettings as JSON, empty where all have their default values.
    Column("settings", StorableText, nullable=False, server_default=text("''")),
    # Deleted conversations stay for a while, so that they can be restored.
    Column("deleted_at", UtcDateTime),
    Index(None, "owner", "updated_at", "id"),
)

is_deleted = conversation_table.c.deleted_at.is_not(None)

Index("ix_conversations_deleted", conversation_table.c.deleted_at, sqlite_where=is_deleted, postgresql_where=is_deleted)

message_table = Table(
    "messages",
    metadata,
    Column("id", StorableText, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False, index=True),
    # No cascade from parent to child: SQLite's reaches 1000 levels deep, and a conversation may be longer.
    Column("parent_id", ForeignKey("messages.id"), index=True),
    Column("author_id", StorableText, nullable=False, server_default=text("''")),
    Column("role", StorableText, nullable=False),
    Column("status", StorableText, nullable=False),
    Column("finish_reason", StorableText, nullable=False),
    Column("model", StorableText, nullable=False),
    Column("prompt_tokens", BigInteger),
    Column("completion_tokens", BigInteger),
    Column("total_tokens", BigInteger),
    Column("error_code", StorableText, nullable=False),
    Column("duration", Double),
    Column("rating", SmallInteger, nullable=False, server_default="0"),
    Column("comment", StorableText, nullable=False, server_default=text("''")),
    Column("created_at", UtcDateTime, nullable=False),
)

part_table = Table(
    "message_parts",
    metadata,
    Column("message_id", ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("kind", StorableText, nullable=False),
    # Apart from the other fields, so that it can be searched.
    Column("text", StorableText, nullable=False),
    # The other fields as JSON, empty where all have their default values.
    Column("data", StorableText, nullable=False),
)

file_table = Table(
    "files",
    metadata,
    Column("id", StorableText, primary_key=True),
    Column("owner", PrincipalKey, nullable=False, index=True),
    Column("name", StorableText, nullable=False),
    Column("media_type", StorableText, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    # No foreign key: the content has to be deleted with the row, so that the purge of files does both.
    Column("conversation_id", StorableText, index=True),
)

# A literal, since no database matches a parameter with the condition of an index.
is_streaming = message_table.c.status == literal_column(f"'{Status.STREAMING}'")

Index(
    "ix_messages_streaming", message_table.c.conversation_id, sqlite_where=is_streaming, postgresql_where=is_streaming
)

health_table = Table(
    "health",
    metadata,
    # One row, which is written to check that the database can be written.
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("checked_at", UtcDateTime, nullable=False),
)
