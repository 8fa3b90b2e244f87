"""Conversations, their messages, and the index of files in a SQL database."""

from chat_app.infrastructure.sql.conversations import SqlConversations
from chat_app.infrastructure.sql.files import SqlFiles
from chat_app.infrastructure.sql.messages import SqlMessages


class SqlStore(SqlConversations, SqlMessages, SqlFiles):
    """Implements ``chat_app.services.ports.Store``, in one database."""
