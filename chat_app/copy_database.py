"""Copies a SQLite database into an empty PostgreSQL database, all or nothing, and compares the two.

    python -m chat_app.copy_database sqlite:///.data/chat.db postgresql://chat@db.example.com/chat

The app must not be running on either. The source stays as it is.
"""

import asyncio
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

from chat_app.config import ConfigError
from chat_app.infrastructure.server.single_instance import lock_database
from chat_app.infrastructure.sql.copying import CopiedTable, copy_tables

_EPILOG = "PostgreSQL's password can be in PGPASSWORD or ~/.pgpass, where other users don't see it as an argument."
_KEYS_SHOWN = 10


def main(arguments: Sequence[str] | None = None) -> None:
    parser = ArgumentParser(
        "python -m chat_app.copy_database",
        description=__doc__,
        epilog=_EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("source", help="sqlite:///<path of a file>")
    parser.add_argument("target", help="postgresql://<host>/<database>")
    urls = parser.parse_args(arguments)
    try:
        copied = asyncio.run(copy_database(_file_of(urls.source), urls.target))
    except ConfigError as error:
        raise SystemExit(str(error)) from None
    sys.stdout.write(report(copied))
    if not copied[-1].is_same:
        raise SystemExit(f"nothing is copied: the content of {copied[-1].name} differs")


def _file_of(source_url: str) -> Path:
    if not source_url.startswith("sqlite:///"):
        raise ConfigError("the source: not sqlite:///<path of a file>")
    file = Path(source_url.removeprefix("sqlite:///"))
    if not file.is_file():
        raise ConfigError(f"the source: {file} doesn't exist")
    return file


async def copy_database(file: Path, target_url: str) -> list[CopiedTable]:
    """Copy all tables of a SQLite file, while no other process uses either database.

    Raises:
        ConfigError: One of the databases is in use, can't be read or written, or the target isn't empty.
    """
    if not target_url.startswith(("postgresql://", "postgres://")):
        raise ConfigError("the target: not postgresql://<host>/<database>")
    async with AsyncExitStack() as locks:
        with _errors_of("the source"):
            await locks.enter_async_context(lock_database(f"sqlite:///{file}", max_wait=0))
        with _errors_of("the target"):
            await locks.enter_async_context(lock_database(target_url, max_wait=0))
            return await copy_tables(file, target_url)


def report(copied: Sequence[CopiedTable]) -> str:
    """Return a table of counts and checksums, and the rows of which characters were replaced."""
    lines = [f"{'table':15}{'source':>10}{'target':>10}  checksum"]
    for table in copied:
        before, after = (f"{content.checksum:032x}"[:16] for content in (table.source, table.target))
        checksum = before if before == after else f"{before} in the source, {after} in the target"
        lines.append(f"{table.name:15}{table.source.rows:10,}{table.target.rows:10,}  {checksum}")
    for table in copied:
        if table.replaced:
            keys = ", ".join(table.replaced[:_KEYS_SHOWN]) + (", …" if len(table.replaced) > _KEYS_SHOWN else "")
            lines.append(
                f"{table.name}: U+FFFD replaces what PostgreSQL can't hold (U+0000, invalid UTF-8) in "
                f"{len(table.replaced):,} of the rows: {keys}"
            )
    return "".join(f"{line}\n" for line in lines)


@contextmanager
def _errors_of(database: str) -> Iterator[None]:
    """Name this database in errors, in place of the variable that it has in the app."""
    try:
        yield
    except ConfigError as error:
        raise ConfigError(str(error).replace("DATABASE_URL=(hidden)", database)) from None


if __name__ == "__main__":
    main()
