"""Alembic's environment: runs a command on the connection that it was given."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import TypeDecorator

from chat_app.infrastructure.sql.tables import metadata


def plain_type(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Render SQLAlchemy's own types: a migration stays as it was written, and the app's types may change."""
    return f"sa.{item.impl_instance!r}" if kind == "type" and isinstance(item, TypeDecorator) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_item=plain_type,
    render_as_batch=True,  # SQLite can't change a column in place
)
with context.begin_transaction():
    context.run_migrations()
