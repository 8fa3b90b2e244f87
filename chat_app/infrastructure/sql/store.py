"""Conversations and their messages in a SQL database."""

from chat_app.infrastructure.sql.conversations import SqlConversations
from chat_app.infrastructure.sql.messages import SqlMessages


class SqlStore(SqlConversations, SqlMessages):
    """Implements ``chat_app.services.ports.Store``, in one database."""
