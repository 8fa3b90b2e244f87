"""Copying a SQLite database into PostgreSQL, counted and checked."""

import asyncio
import random
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import asyncpg
import pytest

from chat_app.copy_database import main
from chat_app.infrastructure.server.single_instance import lock_database
from chat_app.infrastructure.sql.store import SqlStore
from chat_app.models.conversation import Conversation
from chat_app.models.files import StoredFile
from chat_app.models.message import Message, Rating, Status, Usage
from chat_app.models.parts import Data, Reasoning, Text, ToolCall, ToolResult, Unknown
from chat_app.models.principal import Principal, PrincipalKind
from tests.conversing import ANN, BOB
from tests.messages import assistant_message, changed, user_message
from tests.postgres import PostgresServer

BEFORE_PARTS = Path(__file__).parents[1] / "data" / "before_parts.sql"
NOON = datetime(2025, 6, 1, 12, 30, 0, 123456, tzinfo=UTC)
OWNERS = [ANN, BOB, Principal("shop", PrincipalKind.PROGRAM), Principal("김민지", PrincipalKind.USER)]
TEXTS = [
    "Hello.",
    "안녕하세요, 세상! 👩‍👩‍👧‍👦",
    "",
    "'; DROP TABLE messages; -- %s $1 \\",
    "e\u0301 \x01\uffff\u2028",
    "한🙂a " * 500,
]


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of 200 conversations, of which some are deleted, pinned, branched, rated, imported or streaming."""
    file = tmp_path_factory.mktemp("generated") / "chat.db"
    asyncio.run(generate(f"sqlite:///{file}", conversations=200))
    return file


@pytest.fixture
def source(tmp_path: Path, sqlite_with_tables: Path) -> Path:
    """A database with one conversation."""
    file = tmp_path / "chat.db"
    file.write_bytes(sqlite_with_tables.read_bytes())
    asyncio.run(generate(f"sqlite:///{file}", conversations=1))
    return file


@pytest.fixture
def target(postgres: PostgresServer) -> str:
    """A PostgreSQL database without tables."""
    return postgres.create_database()


async def generate(database_url: str, *, conversations: int) -> None:
    store, random_ = SqlStore(database_url), random.Random(0)
    await store.open()
    for number in range(conversations):
        owner = OWNERS[number % len(OWNERS)]
        conversation = Conversation(
            owner=owner,
            title=f"{TEXTS[number % 5]} {number}",
            created_at=NOON - timedelta(hours=number),
            updated_at=NOON + timedelta(microseconds=number),
            is_pinned=number % 7 == 0,
            is_titled=number % 3 == 0,
        )
        messages = exchanges(conversation, random_, number % 13 + 1)
        if number == 0:
            messages.append(
                user_message("한🙂a " * 250_000, conversation_id=conversation.id, parent_id=messages[-1].id)
            )
        await store.add_conversation(conversation, messages)
        file = StoredFile(owner=owner, name="메모.txt", media_type="text/plain", size=number, created_at=NOON)
        await store.add_file(file, quota=1_000_000)
        await store.switch_branch(conversation.id, messages[-1].id)
        await store.rate(owner, messages[1].id, Rating.DOWN, "틀렸어요.")
        if number % 10 == 9:
            await store.delete_conversation(owner, conversation.id)
    await store.check_writable()
    await store.close()


def exchanges(conversation: Conversation, random_: random.Random, count: int) -> list[Message]:
    """Questions and answers in a tree; as after an import, replies may be older than what they reply to."""
    messages: list[Message] = []
    for number in range(count):
        parent = random_.choice(messages).id if messages else None
        asked = user_message(
            TEXTS[number % 6],
            conversation_id=conversation.id,
            parent_id=parent,
            author_id=conversation.owner.key,
            created_at=NOON - timedelta(minutes=number),
        )
        answer = assistant_message(
            conversation_id=conversation.id,
            parent_id=asked.id,
            status=random_.choice(list(Status)),
            finish="length",
            model="gpt",
            usage=Usage(1, 2, 2**40),
            error_code="timeout",
            duration=random_.random(),
            created_at=NOON - timedelta(minutes=2 * number),
        )
        messages += [asked, changed(answer, text=TEXTS[-1 - number % 6], reasoning=TEXTS[number % 5])]
    tools = (
        Reasoning("Hm.", 1.5),
        ToolCall("c", "clock", "{}"),
        ToolResult("c", "정오"),
        Data("d", {"é": 1}),
        Text("!"),
    )
    last = assistant_message(conversation_id=conversation.id, parent_id=messages[0].id)
    return [*messages, replace(last, parts=(*tools, Unknown("video", {"id": 1})))]


async def everything(database_url: str) -> list[object]:
    """All that the app can read of all owners."""
    store = SqlStore(database_url)
    found: list[object] = []
    for owner in OWNERS:
        for pinned in (False, True):
            for listed in await store.conversations(owner, None, pinned=pinned):
                found += [listed, await store.tree(listed.conversation.id)]
    await store.close()
    return found


async def run(database_url: str, *statements: str) -> list[asyncpg.Record]:
    """Run statements on PostgreSQL; returns the rows of the last."""
    connection = await asyncpg.connect(database_url)
    try:
        return [await connection.fetch(statement) for statement in statements][-1]
    finally:
        await connection.close()


async def open_and_close(database_url: str) -> None:
    store = SqlStore(database_url)
    await store.open()
    await store.close()


def copy(source: Path, target: str) -> None:
    main([f"sqlite:///{source}", target])


def refusal(source: Path, target: str) -> str:
    """The sentence that a refused copy ends with, as the status 1."""
    with pytest.raises(SystemExit) as caught:
        copy(source, target)
    assert isinstance(caught.value.code, str)
    return caught.value.code


def change(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()


def rows(file: Path, table: str) -> int:
    with closing(sqlite3.connect(file)) as database:
        return database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - of a test


class TestCopying:
    def test_all_of_a_database_is_the_same_in_postgresql_and_counted(
        self, generated: Path, target: str, capsys: pytest.CaptureFixture[str]
    ):
        before = {file.name: sha256(file.read_bytes()).digest() for file in generated.parent.iterdir()}
        copy(generated, target)
        after = {file.name: sha256(file.read_bytes()).digest() for file in generated.parent.iterdir()}
        assert after | before == after
        assert after.keys() - before.keys() <= {"chat.db.lock", "chat.db-wal", "chat.db-shm"}
        copied = asyncio.run(everything(target))
        assert len(copied) == 2 * 180
        assert copied == asyncio.run(everything(f"sqlite:///{generated}"))
        ((deleted,),) = asyncio.run(run(target, "SELECT count(*) FROM conversations WHERE deleted_at IS NOT NULL"))
        assert deleted == 20
        _, *lines = capsys.readouterr().out.splitlines()
        assert [line.split()[:3] for line in lines] == [
            [table, f"{count:,}", f"{count:,}"]
            for table in ("conversations", "files", "messages", "message_parts")
            for count in [rows(generated, table)]
        ]
        assert rows(generated, "messages") > 2000

    def test_the_app_goes_on_with_the_copy(self, source: Path, target: str):
        copy(source, target)

        async def go_on() -> None:
            store = SqlStore(target)
            await store.open()
            (listed,) = await store.conversations(ANN, None, pinned=True)
            asked = user_message(
                "And?", conversation_id=listed.conversation.id, parent_id=listed.conversation.latest_id
            )
            await store.add_messages([asked], seen=listed.conversation)
            assert len(await store.branch(asked.id, None)) > 2
            await store.close()

        asyncio.run(go_on())

    def test_a_database_of_an_earlier_version_is_copied_and_stays_one(self, tmp_path: Path, target: str):
        file = tmp_path / "chat.db"
        with closing(sqlite3.connect(file)) as database:
            database.executescript(BEFORE_PARTS.read_text("utf-8"))
        before = file.read_bytes()
        copy(file, target)
        assert file.read_bytes() == before
        migrated = tmp_path / "migrated.db"
        migrated.write_bytes(before)
        asyncio.run(open_and_close(f"sqlite:///{migrated}"))
        assert asyncio.run(everything(target)) == asyncio.run(everything(f"sqlite:///{migrated}")) != []

    def test_rows_that_are_still_in_the_write_ahead_log_are_copied(self, source: Path, target: str):
        with closing(sqlite3.connect(source)) as database:
            database.execute("PRAGMA wal_autocheckpoint=0")
            database.execute("UPDATE conversations SET title = 'In the log'")
            database.commit()
            copy(source, target)
        assert asyncio.run(run(target, "SELECT title FROM conversations")) == [("In the log",)]

    def test_characters_that_postgresql_can_not_hold_are_replaced_and_their_rows_named(
        self, source: Path, target: str, capsys: pytest.CaptureFixture[str]
    ):
        change(
            source,
            "UPDATE conversations SET id = 'c', title = 'A' || char(0) || 'B'",
            "UPDATE messages SET conversation_id = 'c', comment = CAST(x'41EDA0BD42' AS TEXT) WHERE rating <> 0",
            "UPDATE messages SET conversation_id = 'c'",
        )
        copy(source, target)
        assert asyncio.run(run(target, "SELECT title FROM conversations")) == [("A\ufffdB",)]
        assert asyncio.run(run(target, "SELECT comment FROM messages WHERE rating <> 0")) == [("A\ufffd\ufffd\ufffdB",)]
        lines = capsys.readouterr().out.splitlines()
        conversations, messages = [line for line in lines if "U+FFFD replaces" in line]
        assert conversations.startswith("conversations: ")
        assert conversations.endswith(" in 1 of the rows: c")
        assert messages.startswith("messages: ")


class TestRefusals:
    @pytest.mark.parametrize("table", ["conversations", "files", "messages", "message_parts"])
    def test_a_target_with_any_content_is_refused_and_stays_as_it_is(self, source: Path, target: str, table: str):
        asyncio.run(run(target, f"CREATE TABLE {table} (id text)", f"INSERT INTO {table} VALUES ('x')"))  # noqa: S608
        assert f"the target: its table {table} isn't empty" in refusal(source, target)
        tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        assert asyncio.run(run(target, tables)) == [(table,)]

    def test_a_second_copy_is_refused(self, source: Path, target: str):
        copy(source, target)
        assert "isn't empty" in refusal(source, target)

    def test_a_target_of_a_later_version_is_refused(self, source: Path, target: str):
        asyncio.run(open_and_close(target))
        asyncio.run(run(target, "UPDATE alembic_version SET version_num = '9999'"))
        assert "9999" in refusal(source, target)

    def test_a_source_in_use_is_refused(self, source: Path, target: str):
        async def copy_while_in_use() -> str:
            async with lock_database(f"sqlite:///{source}"):
                return await asyncio.to_thread(refusal, source, target)

        assert asyncio.run(copy_while_in_use()).startswith("the source: process ")

    @pytest.mark.parametrize("shared", [False, True])
    def test_a_target_in_use_is_refused(self, source: Path, target: str, shared: bool):
        async def copy_while_in_use() -> str:
            async with lock_database(target, shared=shared):
                return await asyncio.to_thread(refusal, source, target)

        assert asyncio.run(copy_while_in_use()).startswith("the target: another process uses this database already")

    def test_a_source_that_is_no_database_of_the_app_is_refused(self, tmp_path: Path, target: str):
        file = tmp_path / "chat.db"
        assert f"{file} doesn't exist" in refusal(file, target)
        assert not list(tmp_path.iterdir())
        file.write_text("Dear diary, " * 1000)
        assert f"{file} can't be read: " in refusal(file, target)
        file.unlink()
        change(file, "CREATE TABLE notes (text)")
        assert "no database of this app" in refusal(file, target)
        change(file, "CREATE TABLE alembic_version (version_num)", "INSERT INTO alembic_version VALUES ('9999')")
        assert "9999" in refusal(file, target)

    @pytest.mark.parametrize(
        ("source_url", "target_url", "sentence"),
        [
            ("postgresql://h/db", "postgresql://h/db", "the source: not sqlite:///"),
            ("sqlite:///{}", "sqlite:///x.db", "the target: not postgresql://"),
            ("sqlite:///{}", "postgresql://ann:hunter2@127.0.0.1:1/db", "the target: ConnectionRefusedError"),
        ],
    )
    def test_other_urls_are_refused_without_their_password(
        self, source: Path, source_url: str, target_url: str, sentence: str
    ):
        with pytest.raises(SystemExit, match=sentence) as caught:
            main([source_url.format(source), target_url])
        assert "hunter2" not in str(caught.value.code)


class TestDifferences:
    """Nothing is copied unless everything is the same."""

    @pytest.mark.parametrize("change_of_row", ["NEW.text = upper(NEW.text)", "NEW = NULL"])
    def test_rows_that_arrive_changed_or_not_at_all_undo_the_copy(
        self, source: Path, target: str, capsys: pytest.CaptureFixture[str], change_of_row: str
    ):
        asyncio.run(open_and_close(target))
        function = (
            f"CREATE FUNCTION change() RETURNS trigger AS $$ BEGIN {change_of_row}; RETURN NEW; END $$ LANGUAGE plpgsql"
        )
        trigger = "CREATE TRIGGER change BEFORE INSERT ON message_parts FOR EACH ROW EXECUTE FUNCTION change()"
        asyncio.run(run(target, function, trigger))
        assert refusal(source, target) == "nothing is copied: the content of message_parts differs"
        assert "in the source" in capsys.readouterr().out
        assert asyncio.run(run(target, "SELECT count(*) FROM conversations")) == [(0,)]

    def test_messages_below_one_that_does_not_exist_are_missed(self, source: Path, target: str):
        change(source, "UPDATE messages SET parent_id = 'unknown' WHERE rating <> 0")
        assert refusal(source, target) == "nothing is copied: the content of messages differs"
