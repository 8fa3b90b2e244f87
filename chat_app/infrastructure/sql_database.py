"""The database as a whole: opened and brought up to date, read and written."""

from collections.abc import Sequence

from sqlalchemy import Executable, RowMapping, Select

from chat_app.infrastructure.migrations import upgrade
from chat_app.infrastructure.sql_engine import create_engine, prepare


class SqlDatabase:
    """SQLite or PostgreSQL, through one pool of connections.

    Args:
        database_url: As ``Settings.database_url``.
    """

    def __init__(self, database_url: str) -> None:
        self._engine = create_engine(database_url)

    async def open(self) -> None:
        """Create the database, or bring an older one up to date.

        Raises:
            ConfigError: It can't be reached.
        """
        await prepare(self._engine)
        async with self._engine.connect() as connection:
            await connection.run_sync(upgrade)

    async def close(self) -> None:
        await self._engine.dispose()

    async def _read(self, query: Select) -> Sequence[RowMapping]:
        async with self._engine.connect() as connection:
            return (await connection.execute(query)).mappings().all()

    async def _write(self, statement: Executable) -> int:
        """How many rows it changed."""
        async with self._engine.begin() as connection:
            return (await connection.execute(statement)).rowcount
