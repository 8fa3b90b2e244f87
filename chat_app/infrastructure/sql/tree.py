"""Recursive queries on the tree of a conversation's messages."""

from collections.abc import Collection

from sqlalchemy import CTE, Select, and_, exists, literal, or_, select

from chat_app.infrastructure.sql.tables import message_table, part_table
from chat_app.models.message import Status

_columns = message_table.c
_child = message_table.alias("child")


def branch(message_id: str | None, limit: int | None) -> Select:
    """Select the branch that ends with the message, parents first; the last ``limit`` of it, if any."""
    above = _above(message_id, limit)
    return select(message_table).join(above, _columns.id == above.c.id).order_by(above.c.depth.desc())


def depth(message_id: str, leaf_id: str | None) -> Select:
    """Select the message's distance from the leaf, which has 1; no row if it isn't on the leaf's branch."""
    above = _above(leaf_id, None)
    return select(above.c.depth).where(above.c.id == message_id)


def _above(message_id: str | None, limit: int | None) -> CTE:
    """The ids of a message and those above it, with their distance from the message, which has 1."""
    start = select(_columns.id, _columns.parent_id, literal(1).label("depth")).where(_columns.id == message_id)
    above = start.cte("above", recursive=True)
    parents = select(_columns.id, _columns.parent_id, above.c.depth + 1).join(above, _columns.id == above.c.parent_id)
    return above.union_all(parents if limit is None else parents.where(above.c.depth < limit))


def tree(conversation_id: str) -> Select:
    """Select all messages of a conversation, by their distance from the root."""
    first = select(_columns.id, literal(1).label("depth"))
    below = first.where(_columns.conversation_id == conversation_id, _columns.parent_id.is_(None))
    below = below.cte("below", recursive=True)
    below = below.union_all(select(_child.c.id, below.c.depth + 1).join(below, _child.c.parent_id == below.c.id))
    return (
        select(message_table)
        .join(below, _columns.id == below.c.id)
        .order_by(below.c.depth, _columns.created_at, _columns.id)
    )


def replies(conversation_id: str, parent_ids: Collection[str | None]) -> Select:
    """Select the ids of the replies with content to these messages, oldest first, with ``parent_id``."""
    known = [parent_id for parent_id in parent_ids if parent_id is not None]
    wanted = _columns.parent_id.in_(known)
    if None in parent_ids:
        wanted = or_(wanted, _columns.parent_id.is_(None))
    has_failed_at_once = and_(_columns.status == Status.FAILED, ~exists().where(part_table.c.message_id == _columns.id))
    query = select(_columns.id, _columns.parent_id).where(_columns.conversation_id == conversation_id, wanted)
    return query.where(~has_failed_at_once).order_by(_columns.created_at, _columns.id)


def newest_leaf(message_id: str) -> Select:
    """Select the id of the newest message without replies, at or below this one."""
    below = select(_columns.id).where(_columns.id == message_id).cte("below", recursive=True)
    below = below.union_all(select(_child.c.id).join(below, _child.c.parent_id == below.c.id))
    is_leaf = ~exists().where(_child.c.parent_id == _columns.id)
    query = select(_columns.id).join(below, _columns.id == below.c.id).where(is_leaf)
    return query.order_by(_columns.created_at.desc(), _columns.id.desc()).limit(1)
