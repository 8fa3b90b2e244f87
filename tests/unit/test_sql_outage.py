"""Outages of the database."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.exc import OperationalError

from chat_app.infrastructure.sql import database, engine
from chat_app.infrastructure.sql.store import SqlStore
from chat_app.models.conversation import Conversation
from chat_app.models.errors import StorageUnavailable
from tests.conversing import ANN
from tests.postgres import NotInstalled, PostgresServer

GREETINGS = Conversation(owner=ANN, title="Greetings")
WAITING_WRITERS = 30  # more than there are connections


async def test_postgresql_that_stops_is_unavailable_until_it_starts_again():
    try:
        server = PostgresServer()
    except NotInstalled as missing:
        pytest.skip(str(missing))
    with server:
        store = SqlStore(server.create_database())
        await store.open()
        await store.add_conversation(GREETINGS)
        server.stop()
        with pytest.raises(StorageUnavailable):
            await store.conversation(ANN, GREETINGS.id)
        with pytest.raises(StorageUnavailable):
            await store.check_writable()
        server.start()
        await store.check_writable()
        assert await store.conversation(ANN, GREETINGS.id) == GREETINGS
        await store.close()


@pytest.mark.parametrize(
    ("breaking", "mending"),
    [
        ("ALTER TABLE conversations RENAME TO gone", "ALTER TABLE gone RENAME TO conversations"),
        ("ALTER TABLE conversations RENAME title TO gone", "ALTER TABLE conversations RENAME gone TO title"),
        ("ALTER SCHEMA public RENAME TO gone", "ALTER SCHEMA gone RENAME TO public"),
    ],
)
async def test_postgresql_is_unavailable_while_a_table_column_or_schema_is_missing(
    postgres: PostgresServer, breaking: str, mending: str
):
    url = postgres.create_database()
    store, operator = SqlStore(url), await asyncpg.connect(url)
    await store.open()
    await store.add_conversation(GREETINGS)
    await operator.execute(breaking)
    with pytest.raises(StorageUnavailable):
        await store.conversation(ANN, GREETINGS.id)
    await operator.execute(mending)
    assert await store.conversation(ANN, GREETINGS.id) == GREETINGS
    await operator.close()
    await store.close()


async def test_postgresql_is_unavailable_without_the_privilege_to_write(postgres: PostgresServer):
    url = postgres.create_database()
    store, operator = SqlStore(url), await asyncpg.connect(url)
    await store.open()
    await operator.execute("CREATE ROLE reader LOGIN; GRANT SELECT ON conversations TO reader")
    reader = SqlStore(url.replace("user=postgres", "user=reader"))
    with pytest.raises(StorageUnavailable):
        await reader.add_conversation(GREETINGS)
    await operator.execute("GRANT INSERT ON conversations TO reader")
    await reader.add_conversation(GREETINGS)
    assert await reader.conversation(ANN, GREETINGS.id) == GREETINGS
    await operator.close()
    await reader.close()
    await store.close()


async def test_a_locked_sqlite_file_is_unavailable_for_writers_only_until_it_is_unlocked(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
):
    for module in (engine, database):
        monkeypatch.setattr(module, "LOCK_TIMEOUT", 0.3)
    store = SqlStore(sqlite_url)
    await store.open()
    await store.add_conversation(GREETINGS)
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        writing = [asyncio.create_task(store.check_writable()) for _ in range(WAITING_WRITERS)]
        await asyncio.sleep(0.05)
        assert await store.conversation(ANN, GREETINGS.id) == GREETINGS
        assert not any(writer.done() for writer in writing)
        results = await asyncio.gather(*writing, return_exceptions=True)
        assert [type(result) for result in results] == [StorageUnavailable] * WAITING_WRITERS
    await store.check_writable()
    await store.close()


async def test_a_connection_from_a_time_when_the_file_was_read_only_is_not_used_again(tmp_path: Path):
    pool = engine.create_engine(f"sqlite:///{tmp_path / 'chat.db'}")
    async with pool.connect() as connection:
        await connection.exec_driver_sql("PRAGMA query_only=ON")
    with pytest.raises(OperationalError, match="readonly"):
        async with pool.begin() as connection:
            await connection.exec_driver_sql("CREATE TABLE words (word TEXT)")
    async with pool.begin() as connection:
        await connection.exec_driver_sql("CREATE TABLE words (word TEXT)")
    await pool.dispose()
