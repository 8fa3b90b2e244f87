"""Creation, connection and migration of databases."""

import asyncio
import logging
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, bindparam, inspect, text
from sqlalchemy.engine.interfaces import ReflectedIndex

import chat_app
from chat_app.config import ConfigError, load_settings
from chat_app.infrastructure.sql.engine import create_engine, prepare
from chat_app.infrastructure.sql.store import SqlStore
from chat_app.infrastructure.sql.tables import metadata
from chat_app.infrastructure.sql.types import UtcDateTime
from chat_app.models.conversation import Conversation, ListedConversation
from chat_app.models.message import Rating, Status, Usage, now
from tests.conversing import ANN
from tests.messages import assistant_message, user_message
from tests.postgres import PostgresServer

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
AS_FIRST_STORED = """
INSERT INTO conversations (id, owner, title, latest_id, created_at, updated_at)
VALUES ('c', 'ann', 'Greetings', 'a', :noon, :noon);
INSERT INTO messages (id, conversation_id, parent_id, role, text, reasoning, status, finish_reason, model,
    prompt_tokens, completion_tokens, total_tokens, error_code, created_at)
VALUES ('q', 'c', NULL, 'user', '안녕?', '', 'complete', '', '', NULL, NULL, NULL, '', :noon),
    ('f', 'c', 'q', 'assistant', 'Hel', 'A greeting.', 'failed', 'length', 'gpt', 1, 2, 3, 'timeout', :noon),
    ('a', 'c', 'q', 'assistant', 'Hello', '', 'streaming', '', '', NULL, NULL, NULL, '', :noon)
"""
OPEN = """
import asyncio, logging, sys
from chat_app.infrastructure.sql.store import SqlStore
logging.basicConfig(stream=sys.stdout, format="%(message)s")
logging.getLogger("alembic.runtime.migration").setLevel(logging.INFO)
print("ready", flush=True)
sys.stdin.read()
asyncio.run(SqlStore(sys.argv[1]).open())
"""


async def open_and_close(*stores: SqlStore) -> None:
    await asyncio.gather(*(store.open() for store in stores))
    for store in stores:
        await store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A database without tables; each test runs once with either kind."""
    if request.param == "sqlite":
        return request.getfixturevalue("sqlite_url")
    return request.getfixturevalue("postgres").create_database()


async def migrate(database_url: str, revision: str) -> None:
    """Migrate a new database to this revision."""
    engine = create_engine(database_url)
    await prepare(engine)
    async with engine.begin() as connection:
        await connection.run_sync(upgrade_to, revision)
    await engine.dispose()


async def store_as_first(database_url: str) -> None:
    """Store messages as the first version did."""
    engine = create_engine(database_url)
    async with engine.begin() as connection:
        for statement in AS_FIRST_STORED.split(";"):
            await connection.execute(text(statement).bindparams(bindparam("noon", NOON, UtcDateTime)))
    await engine.dispose()


def open_in_another_process(database_url: str) -> subprocess.Popen[str]:
    """Start a process that opens the database once its input ends, and prints the revisions that it migrates to."""
    return subprocess.Popen(
        [sys.executable, "-c", OPEN, database_url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(Path(chat_app.__file__).parents[1])},
    )


def upgrade_to(connection: Connection, revision: str) -> None:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "chat_app.infrastructure.sql:migrations")
    command.upgrade(config, revision)


def path_of(sqlite_url: str) -> Path:
    return Path(sqlite_url.removeprefix("sqlite:///"))


def indices(connection: Connection) -> dict[str | None, object]:
    found = [index for table in metadata.tables for index in inspect(connection).get_indexes(table)]
    return {index["name"]: (index["column_names"], conditions(index)) for index in found}


def conditions(index: ReflectedIndex) -> dict[str, str]:
    return {option: str(value) for option, value in index.get("dialect_options", {}).items()}


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, metadata))


class TestMigrations:
    async def test_migrations_end_at_the_tables_as_written(self, database_url: str):
        await open_and_close(SqlStore(database_url))
        engine = create_engine(database_url)
        async with engine.connect() as connection:
            assert await connection.run_sync(differences) == []
        await engine.dispose()

    async def test_migrations_make_the_same_indices(self, database_url: str):
        await open_and_close(SqlStore(database_url))
        engine = create_engine(database_url)
        async with engine.begin() as connection:
            migrated = await connection.run_sync(indices)  # with conditions, which Alembic doesn't compare
            await connection.run_sync(metadata.drop_all)
            await connection.run_sync(metadata.create_all)
            assert migrated == await connection.run_sync(indices)
        await engine.dispose()

    async def test_a_database_of_the_first_version_is_read_by_this_one(self, database_url: str):
        await migrate(database_url, "0001")
        await store_as_first(database_url)
        store = SqlStore(database_url)
        await store.open()
        (listed,) = await store.conversations(ANN, 10)
        conversation = Conversation(
            owner=ANN, title="Greetings", id="c", latest_id="a", created_at=NOON, updated_at=NOON
        )
        assert listed == ListedConversation(conversation, is_answering=True)
        fields = {"conversation_id": "c", "created_at": NOON}
        question = user_message("안녕?", id="q", author_id=ANN.key, **fields)
        failed = assistant_message(
            "Hel",
            "A greeting.",
            id="f",
            parent_id="q",
            status=Status.FAILED,
            finish="length",
            model="gpt",
            usage=Usage(1, 2, 3),
            error_code="timeout",
            **fields,
        )
        streaming = assistant_message("Hello", id="a", parent_id="q", status=Status.STREAMING, **fields)
        assert await store.tree("c") == [question, streaming, failed]
        assert await store.rate(ANN, "f", Rating.UP, "Nice.")
        assert await store.pin(ANN, "c", True)
        assert await store.delete_conversation(ANN, "c")
        await store.purge(now())
        assert await store.tree("c") == []
        await store.close()

    async def test_several_processes_may_start_at_once(self, database_url: str):
        await open_and_close(*(SqlStore(database_url) for _ in range(8)))

    @pytest.mark.parametrize("revision", ["", "0001"])
    async def test_migrations_run_once_where_several_processes_start_at_once(
        self, postgres: PostgresServer, revision: str
    ):
        database_url = postgres.create_database()
        if revision:
            await migrate(database_url, revision)
            await store_as_first(database_url)
        with ExitStack() as until_ended:
            processes = [until_ended.enter_context(open_in_another_process(database_url)) for _ in range(4)]
            for process in processes:
                assert process.stdout
                assert process.stdout.readline() == "ready\n"
            for process in processes:
                assert process.stdin
                process.stdin.close()
            logged = [line for process in processes if process.stdout for line in process.stdout]
        assert [process.returncode for process in processes] == [0] * 4
        ran = re.findall(r"^Running upgrade .*-> (\d+),", "".join(logged), re.MULTILINE)
        assert ran == ["0001", "0002", "0003", "0004", "0005", "0006"][1 if revision else 0 :]
        engine = create_engine(database_url)
        async with engine.connect() as connection:
            assert await connection.run_sync(differences) == []
        await engine.dispose()
        store = SqlStore(database_url)
        assert [message.text for message in await store.tree("c")] == (["안녕?", "Hello", "Hel"] if revision else [])
        await store.close()

    async def test_migrations_leave_logging_as_it_is(self, sqlite_url: str):
        root, ours = logging.getLogger(), logging.getLogger("chat_app.test")
        before = root.level, list(root.handlers), ours.disabled
        await open_and_close(SqlStore(sqlite_url))
        assert (root.level, list(root.handlers), ours.disabled) == before

    async def test_the_next_migration_is_written_from_a_changed_table_and_keeps_the_data(
        self, sqlite_url: str, tmp_path: Path
    ):
        store = SqlStore(sqlite_url)
        await store.open()
        conversation = Conversation(owner=ANN, title="Greetings")
        await store.add_conversation(conversation)
        await store.add_messages([user_message("Hello?", conversation_id=conversation.id)])
        await store.close()

        project = copy_of_project(tmp_path)
        tables = project / "chat_app/infrastructure/sql/tables.py"
        column = 'Column("title", StorableText, nullable=False)'
        assert column in tables.read_text()
        # What SQLite can't change in place, so that it builds a new table and drops the one that messages refer to.
        changed = 'Column("title", StorableText), Column("folder", StorableText)'
        tables.write_text(tables.read_text().replace(column, changed))
        run_python(project, "-m", "chat_app.infrastructure.sql.migrations", "folders; a title may be missing")
        open_store = "import asyncio, sys; from chat_app.infrastructure.sql.store import SqlStore; "
        run_python(project, "-c", open_store + "asyncio.run(SqlStore(sys.argv[1]).open())", sqlite_url)

        with closing(sqlite3.connect(path_of(sqlite_url))) as database:
            database.execute("UPDATE conversations SET title = NULL, folder = 'Old'")
            assert database.execute("SELECT text FROM message_parts").fetchall() == [("Hello?",)]


def copy_of_project(folder: Path) -> Path:
    project = folder / "project"
    shutil.copytree(Path(chat_app.__file__).parent, project / "chat_app")
    return project


def run_python(folder: Path, *arguments: str) -> None:
    result = subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


class TestSqlite:
    async def test_sqlites_file_and_folder_are_created_for_the_owner_alone(self, sqlite_url: str):
        await open_and_close(SqlStore(sqlite_url))
        path = path_of(sqlite_url)
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    async def test_opening_sqlite_waits_for_another_process_that_writes(self, sqlite_url: str):
        path_of(sqlite_url).parent.mkdir()
        with closing(sqlite3.connect(path_of(sqlite_url), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            opening = asyncio.create_task(open_and_close(SqlStore(sqlite_url)))
            await asyncio.wait([opening], timeout=0.2)
            other.execute("COMMIT")
        await opening

    async def test_sqlite_is_read_while_another_process_writes_and_written_after_that(self, sqlite_url: str):
        store = SqlStore(sqlite_url)
        await store.open()
        with closing(sqlite3.connect(path_of(sqlite_url), isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            assert await store.conversations(ANN, 10) == []
            writing = asyncio.create_task(store.add_conversation(Conversation(owner=ANN, title="Greetings")))
            await asyncio.wait([writing], timeout=0.2)
            assert not writing.done()
            other.execute("COMMIT")
            await writing
        assert len(await store.conversations(ANN, 10)) == 1
        await store.close()


class TestConfiguration:
    @pytest.mark.parametrize("url", ["sqlite:///chat.db", "postgres://h/db", "postgresql://u:p@h:1/db?sslmode=require"])
    def test_plain_database_urls_are_accepted(self, monkeypatch: pytest.MonkeyPatch, url: str):
        monkeypatch.setenv("DATABASE_URL", url)
        assert load_settings().database_url == url

    @pytest.mark.parametrize("url", ["mysql://ann:hunter2@h/db", "sqlite://", "sqlite:///", "sqlite:///:memory:", "x"])
    def test_other_database_urls_are_refused_at_start(self, monkeypatch: pytest.MonkeyPatch, url: str):
        monkeypatch.setenv("DATABASE_URL", url)
        with pytest.raises(ConfigError, match=r"^DATABASE_URL=.*sqlite:///.*postgresql://") as caught:
            load_settings()
        assert "hunter2" not in str(caught.value)

    @pytest.mark.parametrize(
        "url",
        [
            "postgresql://ann:hunter2@127.0.0.1:1/db",
            "postgresql://ann:hunter2@nowhere.invalid/db",
            "postgresql://ann:hunter2@127.0.0.1/db?sslmode=bogus",
            "postgresql://ann:hunter2/3@127.0.0.1/db",
            "sqlite:////dev/null/chat.db",
            "sqlite:////dev/null",
        ],
    )
    async def test_a_database_out_of_reach_is_named_without_the_password(self, url: str):
        store = SqlStore(url)
        with pytest.raises(ConfigError, match="DATABASE_URL") as caught:
            await store.open()
        await store.close()
        assert "hunter2" not in str(caught.value)

    async def test_postgres_is_short_for_postgresql(self, postgres: PostgresServer):
        url = postgres.create_database().replace("postgresql:", "postgres:") + "&sslmode=disable"
        await open_and_close(SqlStore(url))
