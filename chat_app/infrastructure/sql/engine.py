"""SQLAlchemy engines for ``DATABASE_URL``: SQLite in a file, or PostgreSQL."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import asyncpg
from sqlalchemy import event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from chat_app.config import ConfigError
from chat_app.infrastructure.security.private_folder import make_private

LOCK_TIMEOUT = 10  # seconds that SQLite waits for another writer
CONNECT_TIMEOUT = 10  # seconds that PostgreSQL may take to accept a connection
LOCK_RETRY = 0.05  # seconds
_PRIMARY_CODE = 0xFF  # the bits of an error code of SQLite's without its details (https://www.sqlite.org/rescode.html)

# Errors are logged, and messages must not be.
_create = partial(create_async_engine, hide_parameters=True)


def create_engine(database_url: str) -> AsyncEngine:
    """Create an engine, which doesn't connect yet.

    Args:
        database_url: ``sqlite:///<path>``, or a ``postgresql://`` URL with the parameters libpq knows
            (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS).
    """
    return _sqlite(database_url) if database_url.startswith("sqlite:") else _postgresql(database_url)


async def prepare(engine: AsyncEngine) -> None:
    """Create SQLite's file if there is none, and check that the database can be reached.

    Raises:
        ConfigError: The file can't be created, or the database can't be reached.
    """
    with explaining_connection_errors():
        if engine.dialect.name == "sqlite":
            _create_file(Path(engine.url.database or ""))
        async with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                await _use_wal(connection)


def _sqlite(database_url: str) -> AsyncEngine:
    url = make_url(database_url).set(drivername="sqlite+aiosqlite")
    engine = _create(url, connect_args={"timeout": LOCK_TIMEOUT})
    event.listen(engine.sync_engine, "connect", _set_pragmas)
    event.listen(engine.sync_engine, "handle_error", _close_read_only)
    return engine


def _postgresql(database_url: str) -> AsyncEngine:
    # asyncpg reads the URL itself: SQLAlchemy would hand it ``sslmode`` and the like as arguments that it doesn't have.
    connect = partial(asyncpg.connect, database_url, timeout=CONNECT_TIMEOUT)
    return _create("postgresql+asyncpg://", async_creator=connect, pool_pre_ping=True, pool_timeout=CONNECT_TIMEOUT)


def _set_pragmas(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=ON")
    # Enough in WAL mode: a power cut may cost the last moments, never the file.
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()


def _close_read_only(context: ExceptionContext) -> None:
    """Have the pool close a connection that can't write: opened while the file was read-only, it stays so."""
    if getattr(context.original_exception, "sqlite_errorcode", 0) & _PRIMARY_CODE == sqlite3.SQLITE_READONLY:
        context.is_disconnect = True


def _create_file(path: Path) -> None:
    """Create the file, and its folder if that is new, readable for their owner only."""
    make_private(path.parent)
    path.touch(mode=0o600)


async def _use_wal(connection: AsyncConnection) -> None:
    """Switch the file to write-ahead logging, for readers beside a writer (https://www.sqlite.org/wal.html).

    Switching needs an exclusive lock. If another process switches too, SQLite fails at once instead of waiting, to
    prevent a deadlock.
    """
    async with asyncio.timeout(LOCK_TIMEOUT):
        while True:
            try:
                await connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            except OperationalError as error:
                if getattr(error.orig, "sqlite_errorcode", None) != sqlite3.SQLITE_BUSY:
                    raise
                await asyncio.sleep(LOCK_RETRY)
            else:
                return


@contextmanager
def explaining_connection_errors() -> Iterator[None]:
    """Translate errors of the connection to ``ConfigError``, without the database's password."""
    try:
        yield
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise ConfigError(f"DATABASE_URL=(hidden): {error!r}") from error
    except DBAPIError as error:
        raise ConfigError(f"DATABASE_URL=(hidden): {error.orig!r}") from error
    except ValueError:
        # Its text and traceback may show a part of the password, which a stray "/" has made the port.
        raise ConfigError("DATABASE_URL=(hidden): not a URL; write special characters as %-escapes") from None
