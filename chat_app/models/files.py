"""Stored files."""

from dataclasses import dataclass, field
from datetime import datetime

from chat_app.models.message import new_id, now
from chat_app.models.parts import File
from chat_app.models.principal import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A stored file; its content is apart, under its id.

    Attributes:
        name: Its name on the client, in one line.
        media_type: As in ``Content-Type``, recognised by the content.
        size: Bytes.
        conversation_id: The conversation that it is deleted with; ``None`` until it is sent.
    """

    id: str = field(default_factory=new_id)
    owner: Principal
    name: str
    media_type: str
    size: int
    created_at: datetime = field(default_factory=now)
    conversation_id: str | None = None

    @property
    def part(self) -> File:
        """The part of a message."""
        return File(self.id, self.name, self.media_type, self.size)
