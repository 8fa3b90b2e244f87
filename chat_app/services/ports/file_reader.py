"""Port: reading files."""

from typing import Protocol

from chat_app.models.file_content import FileContent, Picture


class FileReader(Protocol):
    """Reads files, which may be hostile, with bounds on time, memory and results."""

    async def read(self, content: bytes, name: str = "") -> FileContent:
        """Recognise a file by its content, and read its text or its picture.

        Args:
            name: The file's name on the client. It tells kinds of text apart, such as CSV, and decides nothing else.

        Raises:
            FileRefused: The file isn't of a known type, is damaged or encrypted, or exceeds a bound.
        """
        ...

    async def page_pictures(self, content: bytes, limit: int) -> list[Picture]:
        """Render the first pages of a PDF, at most ``limit``, as pictures for a model.

        Raises:
            FileRefused: The file is no PDF, is damaged or encrypted, or exceeds a bound.
        """
        ...
