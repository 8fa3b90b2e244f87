"""The database of a running server, read and changed by tests beside it."""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import Executable, Row, text

from chat_app.infrastructure.sql.engine import create_engine


def execute(url: str, statement: str | Executable, *parameters: Mapping[str, Any]) -> Sequence[Row[Any]]:
    """Execute a statement, once for each of ``parameters``, and return its rows; SQLite or PostgreSQL.

    In a thread of its own: Playwright's tests have an event loop already.
    """
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _execute(url, statement, parameters)).result()


async def _execute(
    url: str, statement: str | Executable, parameters: Sequence[Mapping[str, Any]]
) -> Sequence[Row[Any]]:
    engine = create_engine(url)
    try:
        async with engine.begin() as connection:
            statement = text(statement) if isinstance(statement, str) else statement
            result = await connection.execute(statement, list(parameters) or None)
            return result.fetchall() if result.returns_rows else []
    finally:
        await engine.dispose()
