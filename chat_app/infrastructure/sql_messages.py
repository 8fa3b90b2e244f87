"""Messages in a SQL database."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import exists, insert, select, update
from sqlalchemy.exc import IntegrityError

from chat_app.infrastructure.sql_database import SqlDatabase
from chat_app.infrastructure.sql_rows import message_from, message_values, usage_values
from chat_app.infrastructure.sql_tables import conversation_table, is_deleted, is_streaming, message_table
from chat_app.infrastructure.sql_tree import branch, depth, newest_leaf, replies, tree
from chat_app.models.errors import Conflict, Interrupted, NotFound
from chat_app.models.events import Done
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
        async with self._engine.begin() as connection:
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

    async def save_progress(self, message_id: str, text: str, reasoning: str) -> bool:
        one = _columns.id == message_id
        # A save that was under way when the answer ended must not undo the end.
        streaming = update(message_table).where(one, is_streaming)
        if await self._write(streaming.values(text=text, reasoning=reasoning)):
            return True
        return bool(await self._read(select(_columns.id).where(one)))

    async def finish(self, message_id: str, *, text: str, reasoning: str, done: Done, error_code: str) -> None:
        await self._write(
            update(message_table)
            .where(_columns.id == message_id)
            .values(
                text=text,
                reasoning=reasoning,
                status=done.status,
                finish_reason=done.finish.reason,
                model=done.finish.model,
                error_code=error_code,
                duration=done.duration,
                reasoning_duration=done.reasoning_duration,
                **usage_values(done.finish.usage),
            )
        )

    async def interrupt_streaming(self) -> int:
        interrupted = {"status": Status.INTERRUPTED, "error_code": Interrupted.code}
        return await self._write(update(message_table).where(is_streaming).values(interrupted))
