"""The database: connections, migration at start, transactions and errors."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

import asyncpg
from sqlalchemy import Executable, RowMapping, Select, insert, update
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection

from chat_app.infrastructure.sql.engine import LOCK_TIMEOUT, create_engine, prepare
from chat_app.infrastructure.sql.migrations import upgrade
from chat_app.infrastructure.sql.tables import health_table
from chat_app.models.errors import StorageUnavailable
from chat_app.models.message import now

# Errors of a statement or its values. All others mean that the database isn't available.
_STATEMENT_ERRORS = (IntegrityError, ProgrammingError, DataError)
# PostgreSQL's codes of errors with a cause outside of the app, which an operator can remove: a missing privilege,
# schema, table or column (https://www.postgresql.org/docs/current/errcodes-appendix.html).
_OPERATOR_CODES = {"42501", "3F000", "42P01", "42703"}


class SqlDatabase:
    """SQLite or PostgreSQL, with one pool of connections.

    Args:
        database_url: As ``Settings.database_url``.
    """

    def __init__(self, database_url: str) -> None:
        self._engine = create_engine(database_url)
        # SQLite has one writer at a time. Writers that wait for this lock don't hold connections that readers need.
        self._writer = asyncio.Lock() if self._engine.dialect.name == "sqlite" else None

    async def open(self) -> None:
        """Create the database, or migrate an older one.

        Raises:
            ConfigError: It can't be reached.
        """
        await prepare(self._engine)
        async with self._engine.connect() as connection:
            await connection.run_sync(upgrade)

    async def check_reachable(self) -> None:
        """Check that the database can be reached.

        Raises:
            ConfigError: It can't.
        """
        await prepare(self._engine)

    async def close(self) -> None:
        await self._engine.dispose()

    async def check_writable(self) -> None:
        """Write a row, to check that the database can be written.

        Raises:
            StorageUnavailable: Writing failed.
        """
        async with self._begin() as connection:
            checked = {"checked_at": now()}
            if not (await connection.execute(update(health_table).values(checked))).rowcount:
                await connection.execute(insert(health_table).values(id=1, **checked))

    async def _read(self, query: Select) -> Sequence[RowMapping]:
        with _unavailable():
            async with self._engine.connect() as connection:
                return (await connection.execute(query)).mappings().all()

    async def _write(self, statement: Executable) -> int:
        """Run a statement, and return the number of rows that it changed."""
        async with self._begin() as connection:
            return (await connection.execute(statement)).rowcount

    @asynccontextmanager
    async def _begin(self) -> AsyncGenerator[AsyncConnection, None]:
        """Begin a transaction that writes."""
        with _unavailable():
            async with AsyncExitStack() as stack:
                if self._writer:
                    async with asyncio.timeout(LOCK_TIMEOUT):
                        await stack.enter_async_context(self._writer)
                yield await stack.enter_async_context(self._engine.begin())


@contextmanager
def _unavailable() -> Iterator[None]:
    """Translate errors of the connection, the schema and the privileges to ``StorageUnavailable``."""
    try:
        yield
    except DBAPIError as error:
        if isinstance(error, _STATEMENT_ERRORS) and getattr(error.orig, "sqlstate", "") not in _OPERATOR_CODES:
            raise
        raise StorageUnavailable(repr(error.orig)) from error
    except (OSError, PoolTimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise StorageUnavailable(repr(error)) from error
