"""A throwaway PostgreSQL server of the installed version, for tests.

with PostgresServer() as server:  # in a temporary folder, on a socket in it
    ... SqlStore(server.create_database()) ...
"""

import asyncio
import os
import shutil
import subprocess
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import asyncpg

_EMPTY = """
SET lock_timeout = '10s';
DO $$ BEGIN EXECUTE (
  SELECT 'TRUNCATE ' || string_agg(quote_ident(tablename), ', ')
  FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'
); END $$
"""

_DEBIAN = Path("/usr/lib/postgresql")


class NotInstalled(Exception):
    """PostgreSQL's server isn't installed; the text says how to install it."""


class PostgresServer:
    """The server.

    Raises:
        NotInstalled: No server is installed.
    """

    def __init__(self) -> None:
        self._programs = _find_programs()
        self._user = _user()
        self._numbers = count(1)

    def __enter__(self) -> Self:
        self._directory = TemporaryDirectory(prefix="chat-postgres-")
        self._folder = Path(self._directory.name)
        if self._user:
            shutil.chown(self._folder, self._user)
        data = f"--pgdata={self._folder / 'data'}"
        self._run("initdb", data, "--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync")
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._directory.cleanup()

    def start(self) -> None:
        """Start it, again after ``stop``; its databases are as they were."""
        # Without an address there is no port to collide with; without fsync it is fast, and loses data in a power cut.
        options = f"-k {self._folder} -c listen_addresses= -c fsync=off"
        data, log = f"--pgdata={self._folder / 'data'}", f"--log={self._folder / 'log'}"
        self._run("pg_ctl", "start", "--wait", data, log, f"--options={options}")

    def stop(self) -> None:
        """Stop it at once."""
        self._run("pg_ctl", "stop", "--wait", f"--pgdata={self._folder / 'data'}", "--mode=immediate")

    def create_database(self) -> str:
        """The URL of a new, empty database."""
        name = f"test{next(self._numbers)}"
        self._run("createdb", f"--host={self._folder}", "--username=postgres", name)
        return f"postgresql:///{name}?host={self._folder}&user=postgres"

    def empty_tables(self, url: str) -> None:
        """Delete the rows of all tables but Alembic's; from outside of any event loop."""

        async def empty() -> None:
            connection = await asyncpg.connect(url)
            await connection.execute(_EMPTY)
            await connection.close()

        asyncio.run(empty())  # starting psql each time would take longer than most tests

    def _run(self, program: str, *arguments: str) -> None:
        result = subprocess.run(
            [self._programs / program, *arguments],
            user=self._user,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stdout


def _find_programs() -> Path:
    """The folder with ``initdb`` and the others, which Debian keeps out of the ``PATH``."""
    if initdb := shutil.which("initdb"):
        return Path(initdb).resolve().parent
    versions = sorted(_DEBIAN.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if not versions:
        raise NotInstalled("PostgreSQL's server is missing; on Debian and Ubuntu: apt install postgresql")
    return versions[-1].parent


def _user() -> str | None:
    """Return the user that runs the server: PostgreSQL refuses root. Debian creates this user."""
    return "postgres" if os.getuid() == 0 else None
