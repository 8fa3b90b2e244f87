"""The index of stored files."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chat_app.infrastructure.sql.database import SqlDatabase
from chat_app.infrastructure.sql.tables import conversation_table, file_table
from chat_app.models.errors import FileRefused
from chat_app.models.files import StoredFile
from chat_app.models.message import Message
from chat_app.models.parts import File
from chat_app.models.principal import Principal

_columns = file_table.c


class SqlFiles(SqlDatabase):
    """The index of files in a SQL database. Implements ``chat_app.services.ports.FileStore``."""

    async def add_file(self, file: StoredFile, *, quota: int) -> None:
        total = select(func.coalesce(func.sum(_columns.size), 0)).where(_columns.owner == file.owner)
        values = {column.name: getattr(file, column.name) for column in _columns}
        async with self._begin() as connection:
            if (await connection.execute(total)).scalar_one() + file.size > quota:
                raise FileRefused("quota", max=_megabytes(quota))
            await connection.execute(insert(file_table).values(values))

    async def files(self, owner: Principal, file_ids: Collection[str]) -> list[StoredFile]:
        rows = await self._read(select(file_table).where(_columns.owner == owner, _columns.id.in_(file_ids)))
        return [StoredFile(**row) for row in rows]

    async def delete_file(self, owner: Principal, file_id: str) -> bool:
        unsent = delete(file_table).where(
            _columns.id == file_id, _columns.owner == owner, _columns.conversation_id.is_(None)
        )
        return await self._write(unsent) > 0

    async def purge_files(self, unsent_before: datetime) -> list[str]:
        conversations = select(conversation_table.c.id)
        is_unsent = _columns.conversation_id.is_(None) & (_columns.created_at < unsent_before)
        is_orphan = _columns.conversation_id.is_not(None) & _columns.conversation_id.not_in(conversations)
        async with self._begin() as connection:
            purged = delete(file_table).where(is_unsent | is_orphan).returning(_columns.id)
            return [row.id for row in await connection.execute(purged)]


async def claim_files(connection: AsyncConnection, messages: Sequence[Message]) -> None:
    """Make the files of new messages part of their conversation, if the conversation's owner has them."""
    for message in messages:
        file_ids = [part.file_id for part in message.parts if isinstance(part, File)]
        if not file_ids:
            continue
        owner = select(conversation_table.c.owner).where(conversation_table.c.id == message.conversation_id)
        claim = update(file_table).where(
            _columns.id.in_(file_ids), _columns.owner == owner.scalar_subquery(), _columns.conversation_id.is_(None)
        )
        await connection.execute(claim.values(conversation_id=message.conversation_id))


def _megabytes(size: int) -> int:
    return size // 1_000_000
