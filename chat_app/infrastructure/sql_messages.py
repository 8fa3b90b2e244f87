"""Messages in a SQL database."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import bindparam, exists, insert, select, update
from sqlalchemy.exc import IntegrityError

from chat_app.infrastructure.sql_database import SqlDatabase
from chat_app.infrastructure.sql_rows import ended_values, message_from, message_values
from chat_app.infrastructure.sql_tables import conversation_table, is_deleted, is_streaming, message_table
from chat_app.infrastructure.sql_tree import branch, depth, newest_leaf, replies, tree
from chat_app.models.answer_record import EndedAnswer, Progress
from chat_app.models.errors import Conflict, Interrupted, NotFound
from chat_app.models.message import Message, Rating, Role, Status

_columns = message_table.c


class SqlMessages(SqlDatabase):
    """Fulfils ``chat_app.services.ports.MessageStore``."""

    async def add_messages(self, messages: Sequence[Message]) -> None:
        latest = messages[-1]
        touch = (
            update(conversation_table)
            .where(conversation_table.c.id == latest.conversation_id, ~is_deleted)
            .values(latest_id=latest.id, updated_at=latest.created_at)
        )
        async with self._begin() as connection:
            if not (await connection.execute(touch)).rowcount:
                raise NotFound(f"conversation {latest.conversation_id}")
            try:
                await connection.execute(insert(message_table), [message_values(message) for message in messages])
            except IntegrityError as error:
                raise Conflict(f"one of the messages {[message.id for message in messages]}") from error

    async def message(self, owner: str, message_id: str) -> Message | None:
        query = select(message_table).join(conversation_table)
        query = query.where(_columns.id == message_id, conversation_table.c.owner == owner, ~is_deleted)
        return next(map(message_from, await self._read(query)), None)

    async def branch(self, message_id: str | None, limit: int | None) -> list[Message]:
        return [message_from(row) for row in await self._read(branch(message_id, limit))]

    async def depth(self, message_id: str, leaf_id: str | None) -> int | None:
        return next((row["depth"] for row in await self._read(depth(message_id, leaf_id))), None)

    async def tree(self, conversation_id: str) -> list[Message]:
        return [message_from(row) for row in await self._read(tree(conversation_id))]

    async def replies(self, conversation_id: str, parent_ids: Collection[str | None]) -> dict[str | None, list[str]]:
        found: dict[str | None, list[str]] = defaultdict(list)
        for row in await self._read(replies(conversation_id, parent_ids)):
            found[row["parent_id"]].append(row["id"])
        return dict(found)

    async def newest_leaf(self, message_id: str) -> str:
        return next((row["id"] for row in await self._read(newest_leaf(message_id))), message_id)

    async def rate(self, owner: str, message_id: str, rating: Rating, comment: str) -> bool:
        own = exists().where(
            conversation_table.c.id == _columns.conversation_id, conversation_table.c.owner == owner, ~is_deleted
        )
        answer = update(message_table).where(_columns.id == message_id, _columns.role == Role.ASSISTANT, own)
        return await self._write(answer.values(rating=rating, comment=comment)) > 0

    async def streaming(self, owner: str, conversation_id: str | None = None) -> list[str]:
        query = select(_columns.id).join(conversation_table)
        query = query.where(is_streaming, conversation_table.c.owner == owner, ~is_deleted)
        if conversation_id:
            query = query.where(_columns.conversation_id == conversation_id)
        return [row["id"] for row in await self._read(query)]

    async def save_progress(self, answers: Sequence[Progress]) -> Collection[str]:
        ids = [answer.id for answer in answers]
        rows = [{"of": answer.id, "text": answer.text, "reasoning": answer.reasoning} for answer in answers]
        async with self._begin() as connection:
            # A save that was under way when the answer ended must not undo the end.
            await connection.execute(update(message_table).where(_columns.id == bindparam("of"), is_streaming), rows)
            kept = (await connection.execute(select(_columns.id).where(_columns.id.in_(ids)))).scalars()
            return set(ids).difference(kept)

    async def finish(self, answers: Sequence[EndedAnswer]) -> None:
        rows = [{"of": answer.id, **ended_values(answer)} for answer in answers]
        async with self._begin() as connection:
            await connection.execute(update(message_table).where(_columns.id == bindparam("of")), rows)

    async def interrupt_streaming(self) -> int:
        interrupted = {"status": Status.INTERRUPTED, "error_code": Interrupted.code}
        return await self._write(update(message_table).where(is_streaming).values(interrupted))
