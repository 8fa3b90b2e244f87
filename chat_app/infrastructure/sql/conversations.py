"""The repository of conversations."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, delete, exists, insert, literal, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from chat_app.infrastructure.sql.database import SqlDatabase
from chat_app.infrastructure.sql.messages import insert_messages
from chat_app.infrastructure.sql.rows import conversation_from, conversation_values, settings_to_json
from chat_app.infrastructure.sql.search import search, texts
from chat_app.infrastructure.sql.tables import conversation_table, is_deleted, is_streaming, message_table
from chat_app.infrastructure.sql.types import StorableText, UtcDateTime
from chat_app.models.conversation import Conversation, ConversationSettings, ListCursor, ListedConversation, SearchHit
from chat_app.models.errors import Conflict
from chat_app.models.message import Message, now
from chat_app.models.principal import Principal

_columns = conversation_table.c


class SqlConversations(SqlDatabase):
    """Conversations in a SQL database. Implements ``chat_app.services.ports.ConversationStore``."""

    async def add_conversation(self, conversation: Conversation, messages: Sequence[Message] = ()) -> None:
        try:
            async with self._begin() as connection:
                await connection.execute(insert(conversation_table).values(conversation_values(conversation)))
                if messages:
                    await insert_messages(connection, messages)
        except IntegrityError as error:
            raise Conflict(f"conversation {conversation.id}, or one of its messages") from error

    async def conversation(self, owner: Principal, conversation_id: str) -> Conversation | None:
        query = select(conversation_table).where(*_visible(owner, conversation_id))
        return next(map(conversation_from, await self._read(query)), None)

    async def conversations(
        self, owner: Principal, limit: int | None, before: ListCursor | None = None, *, pinned: bool = False
    ) -> list[ListedConversation]:
        rows = await self._read(_listed(owner, limit, before, pinned=pinned))
        return [ListedConversation(conversation_from(row), row["is_answering"]) for row in rows]

    async def search(self, owner: Principal, words: Sequence[str], limit: int) -> list[SearchHit]:
        rows = await self._read(search(owner, words, limit))
        found: dict[str | None, str] = defaultdict(str)
        message_ids = [row["message_id"] for row in rows if row["message_id"]]
        for part in await self._read(texts(message_ids)) if message_ids else ():
            found[part["message_id"]] += part["text"]
        return [
            SearchHit(conversation_from(row), row["message_id"], found[row["message_id"]] or row["title"])
            for row in rows
        ]

    async def rename(self, owner: Principal, conversation_id: str, title: str) -> bool:
        return await self._change(owner, conversation_id, title=title, is_titled=True)

    async def suggest_title(self, owner: Principal, conversation_id: str, title: str) -> bool:
        untitled = update(conversation_table).where(*_visible(owner, conversation_id), ~_columns.is_titled)
        return await self._write(untitled.values(title=title, is_titled=True)) > 0

    async def pin(self, owner: Principal, conversation_id: str, is_pinned: bool) -> bool:
        return await self._change(owner, conversation_id, is_pinned=is_pinned)

    async def change_settings(self, owner: Principal, conversation_id: str, settings: ConversationSettings) -> bool:
        return await self._change(owner, conversation_id, settings=settings_to_json(settings))

    async def switch_branch(self, conversation_id: str, message_id: str) -> None:
        one = update(conversation_table).where(_columns.id == conversation_id)
        await self._write(one.values(latest_id=message_id))

    async def delete_conversation(self, owner: Principal, conversation_id: str) -> bool:
        return await self._change(owner, conversation_id, deleted_at=now())

    async def restore_conversation(self, owner: Principal, conversation_id: str) -> bool:
        deleted = update(conversation_table).where(_columns.id == conversation_id, _columns.owner == owner, is_deleted)
        return await self._write(deleted.values(deleted_at=None)) > 0

    async def delete_all(self, owner: Principal) -> None:
        await self._write(delete(conversation_table).where(_columns.owner == owner))

    async def purge(self, deleted_before: datetime) -> int:
        return await self._write(delete(conversation_table).where(is_deleted, _columns.deleted_at < deleted_before))

    async def _change(self, owner: Principal, conversation_id: str, **values: object) -> bool:
        return await self._write(update(conversation_table).where(*_visible(owner, conversation_id)).values(values)) > 0


def _visible(owner: Principal, conversation_id: str) -> tuple[ColumnElement[bool], ...]:
    return _columns.id == conversation_id, _columns.owner == owner, ~is_deleted


def _listed(owner: Principal, limit: int | None, before: ListCursor | None, *, pinned: bool) -> Select:
    is_answering = exists().where(message_table.c.conversation_id == _columns.id, is_streaming)
    query = select(conversation_table, is_answering.label("is_answering"))
    query = query.where(_columns.owner == owner, ~is_deleted, _columns.is_pinned == pinned)
    if before:
        cursor = tuple_(literal(before.updated_at, UtcDateTime), literal(before.id, StorableText))
        query = query.where(tuple_(_columns.updated_at, _columns.id) < cursor)
    return query.order_by(_columns.updated_at.desc(), _columns.id.desc()).limit(limit)
