"""Titles, pins, deletion and ratings."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    no = sa.false()
    op.add_column("conversations", sa.Column("is_titled", sa.Boolean(), server_default=no, nullable=False))
    op.add_column("conversations", sa.Column("is_pinned", sa.Boolean(), server_default=no, nullable=False))
    op.add_column("conversations", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
    deleted = sa.text("deleted_at IS NOT NULL")
    op.create_index(
        "ix_conversations_deleted", "conversations", ["deleted_at"], sqlite_where=deleted, postgresql_where=deleted
    )
    op.add_column("messages", sa.Column("duration", sa.Double(), nullable=True))
    op.add_column("messages", sa.Column("reasoning_duration", sa.Double(), nullable=True))
    op.add_column("messages", sa.Column("rating", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column("messages", sa.Column("comment", sa.Text(), server_default=sa.text("''"), nullable=False))
