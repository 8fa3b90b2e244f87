"""Query plans in SQLite and PostgreSQL: indexes instead of scans of whole tables."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import RowMapping, Select, insert

from chat_app.infrastructure.sql.engine import create_engine
from chat_app.infrastructure.sql.messages import insert_messages
from chat_app.infrastructure.sql.rows import conversation_values
from chat_app.infrastructure.sql.store import SqlStore
from chat_app.infrastructure.sql.tables import conversation_table
from chat_app.models.conversation import Conversation, ListCursor
from chat_app.models.principal import Principal
from tests.conversing import ANN
from tests.messages import user_message

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
QUERIES: dict[str, Callable[[SqlStore], Awaitable[object]]] = {
    "the list": lambda store: store.conversations(ANN, 30),
    "the list from a place on": lambda store: store.conversations(ANN, 30, ListCursor(NOON, "0")),
    "pinned": lambda store: store.conversations(ANN, None, pinned=True),
    "streaming": lambda store: store.streaming(ANN),
    "streaming in one": lambda store: store.streaming(ANN, "0"),
    "a branch": lambda store: store.branch("0-3", 30),
    "a tree": lambda store: store.tree("0"),
    "replies": lambda store: store.replies("0", ["0-1", None]),
    "the newest leaf": lambda store: store.newest_leaf("0-1"),
    "search": lambda store: store.search(ANN, ["apple"], 30),
    "search for several words": lambda store: store.search(ANN, ["apples", "사과", "red"], 30),
}


class ExplainingStore(SqlStore):
    """A store that records the query plans (EXPLAIN) of its reads.

    Attributes:
        plan: The steps.
    """

    def __init__(self, database_url: str) -> None:
        super().__init__(database_url)
        self.plan: list[str] = []

    async def _read(self, query: Select) -> Sequence[RowMapping]:
        dialect = self._engine.dialect
        explain = "EXPLAIN QUERY PLAN" if dialect.name == "sqlite" else "EXPLAIN"
        sql = query.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
        async with self._engine.connect() as connection:
            if dialect.name == "postgresql":  # which goes through small tables, although they have an index
                await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            self.plan += [str(step[-1]) for step in await connection.exec_driver_sql(f"{explain} {sql}")]
        return await super()._read(query)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[ExplainingStore]:
    """Ann's conversations among those of many others, with statistics of the tables (ANALYZE)."""
    store = ExplainingStore(database_url)
    await store.open()
    numbers = range(1000)
    conversations = [
        Conversation(
            id=f"{n}", owner=Principal(f"{n % 100}") if n % 100 else ANN, title="", updated_at=NOON + timedelta(n)
        )
        for n in numbers
    ]
    messages = [
        user_message("Pear " * 300, id=f"{n}-{m}", conversation_id=f"{n}", parent_id=f"{n}-{m - 1}" if m else None)
        for n in numbers
        for m in range(4)
    ]
    engine = create_engine(database_url)
    async with engine.begin() as connection:
        await connection.execute(insert(conversation_table), list(map(conversation_values, conversations)))
        await insert_messages(connection, messages)
        if engine.dialect.name == "postgresql":
            await connection.exec_driver_sql("ANALYZE")  # as it does by itself after a while
    await engine.dispose()
    yield store
    await store.close()


async def test_every_query_uses_an_index(store: ExplainingStore):
    plans: dict[str, list[str]] = {}
    for name, query in QUERIES.items():
        store.plan = plans[name] = []
        await query(store)
    assert all(plans.values())
    assert {name: plan for name, plan in plans.items() if any(map(reads_all, plan))} == {}
    # No other index covers the few streaming answers among all.
    for name in ("the list", "streaming", "streaming in one"):
        assert any("ix_messages_streaming" in step for step in plans[name]), name


def reads_all(step: str) -> bool:
    """Return True if the step, of SQLite's plan or PostgreSQL's, scans a whole table."""
    return (
        step.startswith(("SCAN conversations", "SCAN messages", "SCAN child", "SCAN message_parts"))
        or "Seq Scan" in step
    )
