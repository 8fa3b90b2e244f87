"""The repository of messages."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import RowMapping, Select, bindparam, exists, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from chat_app.infrastructure.sql.database import SqlDatabase
from chat_app.infrastructure.sql.files import claim_files
from chat_app.infrastructure.sql.rows import (
    Values,
    message_values,
    messages_from,
    outcome_from,
    outcome_values,
    part_values,
)
from chat_app.infrastructure.sql.tables import conversation_table, is_deleted, is_streaming, message_table, part_table
from chat_app.infrastructure.sql.tree import branch, depth, newest_leaf, replies, tree
from chat_app.models.answer_record import EndedAnswer, Progress
from chat_app.models.conversation import Conversation
from chat_app.models.errors import Busy, Conflict, Interrupted, NotFound
from chat_app.models.message import Message, Rating, Role, Status
from chat_app.models.principal import Principal

_columns = message_table.c
# Both kinds of databases take at least 32,766 parameters.
_IDS_AT_ONCE = 10_000


class SqlMessages(SqlDatabase):
    """Messages in a SQL database. Implements ``chat_app.services.ports.MessageStore``."""

    async def add_messages(self, messages: Sequence[Message], *, seen: Conversation | None = None) -> None:
        latest = messages[-1]
        is_found = conversation_table.c.id == latest.conversation_id, ~is_deleted
        touch = update(conversation_table).where(*is_found)
        touch = touch.values(latest_id=latest.id, updated_at=latest.created_at)
        if seen:
            touch = touch.where(conversation_table.c.latest_id.is_not_distinct_from(seen.latest_id))
        async with self._begin() as connection:
            # Locks the row: a concurrent transaction waits here, then sees the new `latest_id`.
            if not (await connection.execute(touch)).rowcount:
                if (await connection.execute(select(conversation_table.c.id).where(*is_found))).first():
                    raise Busy(f"conversation {latest.conversation_id} has another latest message by now")
                raise NotFound(f"conversation {latest.conversation_id}")
            try:
                await insert_messages(connection, messages)
            except IntegrityError as error:
                raise Conflict(f"one of the messages {[message.id for message in messages]}") from error

    async def message(self, owner: Principal, message_id: str) -> Message | None:
        query = select(message_table).join(conversation_table)
        query = query.where(_columns.id == message_id, conversation_table.c.owner == owner, ~is_deleted)
        return next(iter(await self._messages(query)), None)

    async def branch(self, message_id: str | None, limit: int | None) -> list[Message]:
        return await self._messages(branch(message_id, limit))

    async def depth(self, message_id: str, leaf_id: str | None) -> int | None:
        return next((row["depth"] for row in await self._read(depth(message_id, leaf_id))), None)

    async def tree(self, conversation_id: str) -> list[Message]:
        return await self._messages(tree(conversation_id))

    async def replies(self, conversation_id: str, parent_ids: Collection[str | None]) -> dict[str | None, list[str]]:
        found: dict[str | None, list[str]] = defaultdict(list)
        for row in await self._read(replies(conversation_id, parent_ids)):
            found[row["parent_id"]].append(row["id"])
        return dict(found)

    async def newest_leaf(self, message_id: str) -> str:
        return next((row["id"] for row in await self._read(newest_leaf(message_id))), message_id)

    async def rate(self, owner: Principal, message_id: str, rating: Rating, comment: str) -> bool:
        own = exists().where(
            conversation_table.c.id == _columns.conversation_id, conversation_table.c.owner == owner, ~is_deleted
        )
        answer = update(message_table).where(_columns.id == message_id, _columns.role == Role.ASSISTANT, own)
        return await self._write(answer.values(rating=rating, comment=comment)) > 0

    async def streaming(self, owner: Principal, conversation_id: str | None = None) -> list[str]:
        query = select(_columns.id).join(conversation_table)
        query = query.where(is_streaming, conversation_table.c.owner == owner, ~is_deleted)
        if conversation_id:
            query = query.where(_columns.conversation_id == conversation_id)
        return [row["id"] for row in await self._read(query)]

    async def save_progress(self, answers: Sequence[Progress]) -> Collection[str]:
        ids = [answer.id for answer in answers]
        statuses = select(_columns.id, _columns.status).join(conversation_table)
        statuses = statuses.where(_columns.id.in_(ids), ~is_deleted)
        # Locked: a save that was under way when the answer ended must not undo the end.
        statuses = statuses.with_for_update(of=message_table)
        async with self._begin() as connection:
            stored = {row.id: row.status for row in await connection.execute(statuses)}
            streaming = [answer for answer in answers if stored.get(answer.id) == Status.STREAMING]
            rows = [row for answer in streaming for row in part_values(answer.id, answer.parts, answer.first)]
            await _upsert_parts(connection, rows)
        return set(ids) - stored.keys()

    async def finish(self, answers: Sequence[EndedAnswer]) -> Collection[str]:
        # Locked: another process may be about to interrupt them.
        rows = select(message_table).where(_columns.id.in_([answer.id for answer in answers])).with_for_update()
        async with self._begin() as connection:
            stored = {row["id"]: outcome_from(row) for row in (await connection.execute(rows)).mappings()}
            streaming = {answer_id for answer_id, outcome in stored.items() if outcome.status is Status.STREAMING}
            if ending := [answer for answer in answers if answer.id in streaming]:
                outcomes = [{"of": answer.id, **outcome_values(answer.outcome)} for answer in ending]
                await connection.execute(update(message_table).where(_columns.id == bindparam("of")), outcomes)
                await _upsert_parts(connection, [row for each in ending for row in part_values(each.id, each.parts)])
        ended_before = [answer for answer in answers if answer.id in stored.keys() - streaming]
        return {answer.id for answer in ended_before if stored[answer.id] != answer.outcome}

    async def all_streaming(self) -> list[str]:
        return [row["id"] for row in await self._read(select(_columns.id).where(is_streaming))]

    async def interrupt(self, answer_ids: Collection[str]) -> int:
        interrupted = {"status": Status.INTERRUPTED, "error_code": Interrupted.code}
        ids, count = list(answer_ids), 0
        for start in range(0, len(ids), _IDS_AT_ONCE):
            some = _columns.id.in_(ids[start : start + _IDS_AT_ONCE])
            count += await self._write(update(message_table).where(is_streaming, some).values(interrupted))
        return count

    async def _messages(self, query: Select) -> list[Message]:
        """Read the messages that ``query`` selects, in its order, with their parts."""
        rows = await self._read(query)
        ids = [row["id"] for row in rows]
        part_rows: list[RowMapping] = []
        for start in range(0, len(ids), _IDS_AT_ONCE):
            parts = select(part_table).where(part_table.c.message_id.in_(ids[start : start + _IDS_AT_ONCE]))
            part_rows += await self._read(parts.order_by(part_table.c.message_id, part_table.c.position))
        return messages_from(rows, part_rows)


async def insert_messages(connection: AsyncConnection, messages: Sequence[Message]) -> None:
    """Insert messages with their parts."""
    await connection.execute(insert(message_table), [message_values(message) for message in messages])
    if rows := [row for message in messages for row in part_values(message.id, message.parts)]:
        await connection.execute(insert(part_table), rows)
    await claim_files(connection, messages)


async def _upsert_parts(connection: AsyncConnection, rows: Sequence[Values]) -> None:
    if not rows:
        return
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(part_table)
    new = {name: statement.excluded[name] for name in ("kind", "text", "data")}
    await connection.execute(statement.on_conflict_do_update(index_elements=["message_id", "position"], set_=new), rows)
