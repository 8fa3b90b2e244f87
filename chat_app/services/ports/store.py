"""Port: all of storage."""

from typing import Protocol

from chat_app.services.ports.conversations import ConversationStore
from chat_app.services.ports.files import FileStore
from chat_app.services.ports.messages import MessageStore


class Store(ConversationStore, FileStore, MessageStore, Protocol):
    """All of storage.

    Every method raises ``StorageUnavailable`` if storage can't be reached, read or written.
    """

    async def check_writable(self) -> None:
        """Check that storage can be written, by writing a row."""
        ...
