"""Single-instance locks, on the project's folder and on the database.

The operating system and PostgreSQL hold them, so that they end with the process, even if it crashes. On a network file
system they work as far as it supports ``flock``.
"""

import asyncio
import logging
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import asyncpg
from sqlalchemy import make_url

from chat_app.config import ConfigError
from chat_app.infrastructure.security.private_folder import make_private
from chat_app.infrastructure.sql.engine import CONNECT_TIMEOUT, explaining_connection_errors

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

logger = logging.getLogger(__name__)

_FOLDER_LOCKED_BY = "CHAT_FOLDER_LOCKED_BY"  # an environment variable, inherited by child processes
_ADVISORY_LOCK = 0x6368617431  # any number but that of the migrations
_RETRY_INTERVAL = 0.2  # seconds
_REASON = "a second process would interrupt the answers of the first"
_LOCKED_BYTE = 1000  # behind the file's text: Windows refuses to read locked bytes


def lock_folder(folder: Path) -> None:
    """Lock the project's folder for the lifetime of this process, its child processes included.

    Without the lock, a second process would rebuild the page that the first one serves.

    Raises:
        ConfigError: Another process has locked it.
    """
    # In a read-only folder nothing can be rebuilt.
    if sys.platform == "win32" or os.environ.get(_FOLDER_LOCKED_BY) or not os.access(folder, os.W_OK):
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise ConfigError(
            f"this app is already running in {folder}: end that process first, or use a copy of the folder"
        ) from None
    except OSError as error:
        logger.warning("the folder can't be locked against a second process: %s", error)
    os.set_inheritable(descriptor, True)
    os.environ[_FOLDER_LOCKED_BY] = str(os.getpid())


@asynccontextmanager
async def lock_database(
    database_url: str, *, shared: bool = False, max_wait: float = 10.0
) -> AsyncGenerator[None, None]:
    """Lock the database for this process, or for all processes that share it by way of Redis.

    Without the lock, a second process would mark the running answers of this one as interrupted.

    Args:
        shared: Share the lock with the others that do, as processes with the same ``REDIS_URL``; those without Redis
            are locked out, and lock these out. SQLite's file always has a single process.
        max_wait: Seconds to wait for a process that is about to end, as when a server reloads.

    Raises:
        ConfigError: Another process has locked it.
    """
    is_file = database_url.startswith("sqlite:")
    lock = _FileLock(database_url) if is_file else _PostgresLock(database_url, shared=shared)
    await _acquire(lock, max_wait)
    try:
        yield
    finally:
        await lock.release()


async def _acquire(lock: "_FileLock | _PostgresLock", max_wait: float) -> None:
    deadline = asyncio.get_running_loop().time() + max_wait
    has_waited = False
    while not await lock.try_acquire():
        if asyncio.get_running_loop().time() > deadline:
            await lock.release()
            raise ConfigError(f"DATABASE_URL=(hidden): {lock.holder} uses this database already. {lock.advice}")
        if not has_waited:
            logger.warning("%s uses the database; waiting until it ends", lock.holder)
            has_waited = True
        await asyncio.sleep(_RETRY_INTERVAL)


class _FileLock:
    """A lock on a file beside SQLite's."""

    advice = f"End it first, or give each its own database: {_REASON}"

    def __init__(self, database_url: str) -> None:
        database = Path(make_url(database_url).database or "")
        self._path = database.with_name(f"{database.name}.lock")
        self._descriptor: int | None = None

    @property
    def holder(self) -> str:
        """The process that has the lock, with its id if that is known."""
        with suppress(OSError):
            if number := self._path.read_text().strip():
                return f"process {number}"
        return "another process"

    async def try_acquire(self) -> bool:
        """Take the lock and return True, unless another process has it."""
        with explaining_connection_errors():
            make_private(self._path.parent)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if sys.platform == "win32":
                os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            os.close(descriptor)
            return False
        except OSError as error:  # a file system without locks
            logger.warning("the database can't be locked against a second process: %s", error)
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, str(os.getpid()).encode())
        self._descriptor = descriptor
        return True

    async def release(self) -> None:
        """Release the lock."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class _PostgresLock:
    """An advisory lock of PostgreSQL, acquired again after a lost connection."""

    def __init__(self, database_url: str, *, shared: bool) -> None:
        self._database_url = database_url
        self._function = "pg_try_advisory_lock_shared" if shared else "pg_try_advisory_lock"
        self.holder = "a process without REDIS_URL" if shared else "another process"
        self.advice = f"End it first, or give each its own database or all the same REDIS_URL: {_REASON}"
        self._connection: asyncpg.Connection | None = None
        self._keep_task: asyncio.Task[None] | None = None

    async def try_acquire(self) -> bool:
        """Take the lock and return True, unless another process has it."""
        with explaining_connection_errors():
            if not await self._lock():
                return False
        self._keep_task = asyncio.create_task(self._keep())
        return True

    async def release(self) -> None:
        """Release the lock."""
        if self._keep_task:
            self._keep_task.cancel()
            await asyncio.wait([self._keep_task])
        if self._connection:
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await self._connection.close(timeout=1)

    async def _lock(self) -> bool:
        connection = self._connection
        if connection is None or connection.is_closed():
            connection = self._connection = await asyncpg.connect(self._database_url, timeout=CONNECT_TIMEOUT)
        return bool(await connection.fetchval(f"SELECT {self._function}($1)", _ADVISORY_LOCK))

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(1)
            if self._connection and not self._connection.is_closed():
                continue
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):  # until PostgreSQL is back
                while not await self._lock():
                    logger.error("%s uses the database: end one of the two", self.holder)
                    await asyncio.sleep(60)
