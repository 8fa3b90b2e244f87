"""Copying all conversations of a SQLite file into an empty PostgreSQL database."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy
from alembic.util import CommandError
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    Select,
    Table,
    event,
    func,
    insert,
    inspect,
    literal,
    select,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from chat_app.config import ConfigError
from chat_app.infrastructure.sql.engine import create_engine, prepare
from chat_app.infrastructure.sql.migrations import upgrade
from chat_app.infrastructure.sql.tables import health_table, metadata
from chat_app.infrastructure.sql.types import PrincipalKey, StorableText, storable

_BATCH = 200  # rows, of which each may have a megabyte of text

Row = dict[str, Any]


@dataclass
class Fingerprint:
    """The number of a table's rows, and a checksum of them in any order."""

    rows: int = 0
    checksum: int = 0

    def add(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self.rows += 1
            digest = sha256(repr(tuple(row.values())).encode()).digest()[:16]
            self.checksum = (self.checksum + int.from_bytes(digest)) % 2**128


@dataclass
class CopiedTable:
    """The result of copying one table.

    Attributes:
        source: Its content before.
        target: Its content as read from PostgreSQL afterwards.
        replaced: The primary keys of rows with characters that PostgreSQL can't hold, which are U+FFFD now.
    """

    name: str
    source: Fingerprint = field(default_factory=Fingerprint)
    target: Fingerprint = field(default_factory=Fingerprint)
    replaced: list[str] = field(default_factory=list)

    @property
    def is_same(self) -> bool:
        """True if the table has the same content in both databases."""
        return self.source == self.target


async def copy_tables(file: Path, target_url: str) -> list[CopiedTable]:
    """Copy all tables in one transaction, which is committed only if their content is the same afterwards.

    The file isn't written: a copy of it is migrated to the current schema.

    Returns:
        The tables, up to the first one whose content differs.

    Raises:
        ConfigError: The file is no database of this app, or the target isn't empty or can't be written.
    """
    with TemporaryDirectory(prefix="chat-copy-") as folder:
        copied: list[CopiedTable] = []
        source_engine = _migrated_copy(file, Path(folder) / "chat.db")
        target_engine = create_engine(target_url)
        try:
            await prepare(target_engine)
            async with target_engine.connect() as target:
                await target.run_sync(_ensure_empty)
                await target.run_sync(upgrade)
                with source_engine.connect() as source:
                    for table in _tables():
                        copied.append(await _copy_table(source, target, table))
                        if not copied[-1].is_same:
                            return copied
                await target.commit()
        except DBAPIError as error:
            raise ConfigError(f"nothing is copied: {error.orig!r}") from error
        except (OSError, CommandError) as error:  # of the connection, or of a schema that is newer than this app
            raise ConfigError(f"nothing is copied: {error!r}") from error
        finally:
            source_engine.dispose()
            await target_engine.dispose()
    return copied


def _migrated_copy(file: Path, copy: Path) -> Engine:
    """Copy a SQLite database, with what is still in its write-ahead log, and migrate the copy."""
    try:
        with (
            closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as original,
            closing(sqlite3.connect(copy)) as new,
        ):
            if not original.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
                raise ConfigError(f"{file} is no database of this app")
            original.backup(new)
        engine = sqlalchemy.create_engine(f"sqlite:///{copy}", hide_parameters=True)
        event.listen(engine, "connect", _read_any_text)
        with engine.connect() as connection:
            upgrade(connection)
    except (sqlite3.Error, DBAPIError, CommandError) as error:
        raise ConfigError(f"{file} can't be read: {error}") from error
    return engine


def _read_any_text(connection: DBAPIConnection, _record: object) -> None:
    """Read bytes that aren't UTF-8 as lone surrogates, which ``storable`` replaces, instead of failing."""
    connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")  # pyright: ignore[reportAttributeAccessIssue] - of sqlite3's


def _ensure_empty(connection: Connection) -> None:
    existing = inspect(connection).get_table_names()
    for table in _tables():
        if table.name in existing and connection.execute(select(literal(1)).select_from(table).limit(1)).first():
            raise ConfigError(f"DATABASE_URL=(hidden): its table {table.name} isn't empty; copy into an empty database")


def _tables() -> list[Table]:
    """Return the tables to copy, in the order of their foreign keys, with columns of plain types."""
    plain = MetaData()
    return [
        Table(table.name, plain, *(_plain(column) for column in table.columns))
        for table in metadata.sorted_tables
        if table is not health_table
    ]


def _plain(column: Column[Any]) -> Column[Any]:
    kind = StorableText() if isinstance(column.type, PrincipalKey) else column.type
    return Column(column.name, kind, primary_key=column.primary_key)


async def _copy_table(source: Connection, target: AsyncConnection, table: Table) -> CopiedTable:
    copied = CopiedTable(table.name)
    for rows in _batches(source, table):
        stored = [_storable_row(row) for row in rows]
        changed = [new for old, new in zip(rows, stored, strict=True) if old != new]
        copied.replaced += ["/".join(str(row[column.name]) for column in table.primary_key) for row in changed]
        copied.source.add(stored)
        await target.execute(insert(table), stored)
    # Counted apart from the batches, which omit replies to a message that doesn't exist: such a loss must show.
    copied.source.rows = source.execute(select(func.count()).select_from(table)).scalar_one()
    async with target.stream(select(table)) as result:
        async for batch in result.mappings().partitions(_BATCH):
            copied.target.add(dict(row) for row in batch)
    return copied


def _batches(source: Connection, table: Table) -> Iterator[Sequence[Row]]:
    result = source.execution_options(yield_per=_BATCH).execute(_parents_first(table))
    for batch in result.mappings().partitions():
        yield [dict(row) for row in batch]


def _parents_first(table: Table) -> Select:
    """Select all rows; messages after those that they reply to."""
    if "parent_id" not in table.c:
        return select(table)
    child = table.alias("child")
    first = select(table.c.id, literal(1).label("depth")).where(table.c.parent_id.is_(None))
    below = first.cte("below", recursive=True)
    below = below.union_all(select(child.c.id, below.c.depth + 1).join(below, child.c.parent_id == below.c.id))
    return select(table).join(below, table.c.id == below.c.id).order_by(below.c.depth)


def _storable_row(row: Row) -> Row:
    return {name: storable(value) if isinstance(value, str) else value for name, value in row.items()}
