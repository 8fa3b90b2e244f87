"""Ports: the index of stored files, and their contents."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from chat_app.models.files import StoredFile
from chat_app.models.principal import Principal


class FileStore(Protocol):
    """The index of stored files.

    A file becomes part of a conversation with the first message that has it, stored by ``ConversationStore`` or
    ``MessageStore``, and is purged with the conversation.
    """

    async def add_file(self, file: StoredFile, *, quota: int) -> None:
        """Add a file.

        Args:
            quota: Bytes that the owner's files may have together.

        Raises:
            FileRefused: The owner's files would exceed the quota.
        """
        ...

    async def files(self, owner: Principal, file_ids: Collection[str]) -> list[StoredFile]:
        """Return those of the files that the owner has, in any order."""
        ...

    async def delete_file(self, owner: Principal, file_id: str) -> bool:
        """Delete a file that hasn't been sent; returns False if the owner has none with this id."""
        ...

    async def purge_files(self, unsent_before: datetime) -> list[str]:
        """Delete the files of purged conversations, and files added before ``unsent_before`` that were never sent.

        Returns:
            Their ids, for their contents to be deleted.
        """
        ...


class FileContents(Protocol):
    """The contents of files, under names such as ``<file id>/original``.

    Raises:
        StorageUnavailable: From each method: they can't be read or written.
    """

    async def put(self, name: str, content: bytes) -> None:
        """Store a content."""
        ...

    async def get(self, name: str) -> bytes | None:
        """Return a content; ``None`` if there is none."""
        ...

    async def delete(self, name: str) -> None:
        """Delete a content. No effect if there is none."""
        ...
