"""Port: the log of an answer's events."""

from collections.abc import AsyncGenerator
from typing import Protocol

from chat_app.models.events import START, AnswerEvent, Cursor, Entry
from chat_app.models.principal import Principal


class AnswerLog(Protocol):
    """Append-only logs: of answers that are running, and for a while of those that have ended."""

    async def create(self, answer_id: str, owner: Principal) -> bool:
        """Open an empty log; ``False``, and nothing changes, if the id has one already."""
        ...

    async def owner(self, answer_id: str) -> Principal | None:
        """The owner of the answer, ``None`` without such a log."""
        ...

    async def append(self, answer_id: str, event: AnswerEvent) -> None:
        """Append an event, as the holder of the answer's lease; readers get it once the log can't lose it.

        Raises:
            Interrupted: The lease is lost.
        """
        ...

    async def wait_kept(self, answer_id: str) -> None:
        """Wait until the log that this process writes can't lose its end; returns at once if it writes none."""
        ...

    def read(self, answer_id: str, after: Cursor = START) -> AsyncGenerator[list[Entry], None]:
        """All entries past ``after``, in batches as they come, up to and with ``Done``.

        A batch has all entries since the previous one: a slow reader gets fewer, larger batches (backpressure).
        Ends at once if there is no such log.

        Raises:
            SharedStateUnavailable: The log can't be reached for a while. Reading may go on later.
        """
        ...

    async def entries(self, answer_id: str) -> list[Entry]:
        """Return the entries so far; empty without such a log."""
        ...

    async def unended(self) -> list[str]:
        """Return the ids of the logs without ``Done``, those of crashed processes included."""
        ...

    async def has_readers_elsewhere(self, answer_id: str) -> bool:
        """Return True if another process than the writer's reads the log."""
        ...

    async def request_stop(self, answer_id: str) -> None:
        """Ask the writer of the log to stop. No effect on an unknown or ended log."""
        ...

    async def stop_requested(self, answer_id: str) -> None:
        """Wait for a request to stop."""
        ...
