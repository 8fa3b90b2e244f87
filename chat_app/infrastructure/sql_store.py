"""Conversations and messages in a SQL database."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Executable, RowMapping, Select, delete, insert, literal, select, update
from sqlalchemy.exc import IntegrityError

from chat_app.infrastructure.migrations import upgrade
from chat_app.infrastructure.sql_engine import create_engine, prepare
from chat_app.infrastructure.sql_rows import (
    conversation_from,
    conversation_values,
    message_from,
    message_values,
    usage_values,
)
from chat_app.infrastructure.sql_tables import conversation_table, is_streaming, message_table
from chat_app.models.conversation import Conversation
from chat_app.models.errors import Conflict, Interrupted, NotFound
from chat_app.models.events import Finish
from chat_app.models.message import Message, Status


class SqlStore:
    """Keeps them in SQLite or PostgreSQL, through one pool of connections.

    Args:
        database_url: As ``Settings.database_url``.
    """

    def __init__(self, database_url: str) -> None:
        self._engine = create_engine(database_url)

    async def open(self) -> None:
        """Create the database, or bring an older one up to date.

        Raises:
            ConfigError: It can't be reached.
        """
        await prepare(self._engine)
        async with self._engine.connect() as connection:
            await connection.run_sync(upgrade)

    async def close(self) -> None:
        await self._engine.dispose()

    async def add_conversation(self, conversation: Conversation) -> None:
        await self._write(insert(conversation_table).values(conversation_values(conversation)))

    async def conversation(self, owner: str, conversation_id: str) -> Conversation | None:
        query = _conversations_of(owner).where(conversation_table.c.id == conversation_id)
        return next(map(conversation_from, await self._read(query)), None)

    async def conversations(self, owner: str, limit: int, before: datetime | None = None) -> list[Conversation]:
        table = conversation_table.c
        query = _conversations_of(owner).order_by(table.updated_at.desc(), table.id.desc()).limit(limit)
        if before:
            query = query.where(table.updated_at < before)
        return [conversation_from(row) for row in await self._read(query)]

    async def delete_conversation(self, owner: str, conversation_id: str) -> bool:
        table = conversation_table.c
        deleted = await self._write(delete(conversation_table).where(table.id == conversation_id, table.owner == owner))
        return deleted > 0

    async def add_messages(self, messages: Sequence[Message]) -> None:
        latest = messages[-1]
        touch = (
            update(conversation_table)
            .where(conversation_table.c.id == latest.conversation_id)
            .values(latest_id=latest.id, updated_at=latest.created_at)
        )
        async with self._engine.begin() as connection:
            if not (await connection.execute(touch)).rowcount:
                raise NotFound(f"conversation {latest.conversation_id}")
            try:
                await connection.execute(insert(message_table), [message_values(message) for message in messages])
            except IntegrityError as error:
                raise Conflict(f"one of the messages {[message.id for message in messages]}") from error

    async def message(self, owner: str, message_id: str) -> Message | None:
        query = select(message_table).join(conversation_table)
        query = query.where(message_table.c.id == message_id, conversation_table.c.owner == owner)
        return next(map(message_from, await self._read(query)), None)

    async def branch(self, message_id: str | None, limit: int) -> list[Message]:
        return [message_from(row) for row in await self._read(_branch(message_id, limit))]

    async def save_progress(self, message_id: str, text: str, reasoning: str) -> None:
        # A save that was under way when the answer ended must not undo the end.
        streaming = update(message_table).where(message_table.c.id == message_id, is_streaming)
        await self._write(streaming.values(text=text, reasoning=reasoning))

    async def finish(
        self, message_id: str, *, text: str, reasoning: str, status: Status, finish: Finish, error_code: str
    ) -> None:
        await self._write(
            update(message_table)
            .where(message_table.c.id == message_id)
            .values(
                text=text,
                reasoning=reasoning,
                status=status,
                finish_reason=finish.reason,
                model=finish.model,
                error_code=error_code,
                **usage_values(finish.usage),
            )
        )

    async def interrupt_streaming(self) -> int:
        interrupted = {"status": Status.INTERRUPTED, "error_code": Interrupted.code}
        return await self._write(update(message_table).where(is_streaming).values(interrupted))

    async def _read(self, query: Select) -> Sequence[RowMapping]:
        async with self._engine.connect() as connection:
            return (await connection.execute(query)).mappings().all()

    async def _write(self, statement: Executable) -> int:
        """How many rows it changed."""
        async with self._engine.begin() as connection:
            return (await connection.execute(statement)).rowcount


def _conversations_of(owner: str) -> Select:
    return select(conversation_table).where(conversation_table.c.owner == owner)


def _branch(message_id: str | None, limit: int) -> Select:
    """From the message up from parent to parent, at most ``limit`` of them, returned the other way round."""
    columns = message_table.c
    start = select(columns.id, columns.parent_id, literal(1).label("depth")).where(columns.id == message_id)
    branch = start.cte("branch", recursive=True)
    parents = select(columns.id, columns.parent_id, branch.c.depth + 1).join(branch, columns.id == branch.c.parent_id)
    branch = branch.union_all(parents.where(branch.c.depth < limit))
    return select(message_table).join(branch, columns.id == branch.c.id).order_by(branch.c.depth.desc())
