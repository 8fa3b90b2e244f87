"""A second process on the same folder or database."""

import asyncio
import subprocess
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import pytest

from chat_app.config import ConfigError
from chat_app.infrastructure.server.single_instance import lock_database
from tests.postgres import PostgresServer

SHORT, LONG = 0.05, 30.0

# Connections with a shared lock on the current database, by PostgreSQL.
HOLDERS = """
SELECT pid FROM pg_locks
WHERE locktype = 'advisory' AND mode = 'ShareLock' AND granted AND database =
    (SELECT oid FROM pg_database WHERE datname = current_database())
"""

LOCK_FOLDER = """
import sys
from pathlib import Path
from chat_app.infrastructure.server.single_instance import lock_folder
lock_folder(Path(sys.argv[1]))
print("locked", flush=True)
sys.stdin.read()
"""


async def test_a_second_process_on_a_database_is_refused(database_url: str):
    async with lock_database(database_url):
        with pytest.raises(ConfigError, match=r"^DATABASE_URL=\(hidden\): .* uses this database already"):
            async with lock_database(database_url, max_wait=SHORT):
                pass


async def test_a_database_is_free_again_at_once(database_url: str):
    for _ in range(2):
        async with lock_database(database_url, max_wait=SHORT):
            pass


async def test_a_process_that_is_about_to_end_is_waited_for(database_url: str):
    async def next_one() -> None:
        async with lock_database(database_url, max_wait=LONG):
            pass

    async with lock_database(database_url):
        waiting = asyncio.create_task(next_one())
        await asyncio.sleep(SHORT)
        assert not waiting.done()
    await waiting


async def test_processes_that_share_a_database_lock_it_together(postgres: PostgresServer):
    url = postgres.create_database()
    async with (
        lock_database(url, shared=True, max_wait=SHORT),
        lock_database(url, shared=True, max_wait=SHORT),
    ):
        pass
    async with lock_database(url, max_wait=SHORT):
        pass


async def test_a_process_without_redis_is_refused_until_the_last_with_it_ends(postgres: PostgresServer):
    url = postgres.create_database()
    async with AsyncExitStack() as first, AsyncExitStack() as second:
        for process in (first, second):
            await process.enter_async_context(lock_database(url, shared=True))
        for process in (first, second):
            with pytest.raises(ConfigError, match=r"another process uses this database already\. .* same REDIS_URL"):
                async with lock_database(url, max_wait=SHORT):
                    pass
            await process.aclose()
        async with lock_database(url, max_wait=SHORT):
            pass


async def test_a_process_with_redis_is_refused_by_one_without(postgres: PostgresServer):
    url = postgres.create_database()
    async with lock_database(url):
        with pytest.raises(ConfigError, match=r"a process without REDIS_URL uses this database already"):
            async with lock_database(url, shared=True, max_wait=SHORT):
                pass
    async with lock_database(url, shared=True, max_wait=SHORT):
        pass


async def test_a_shared_lock_is_acquired_again_after_a_lost_connection(postgres: PostgresServer):
    url = postgres.create_database()
    connection = await asyncpg.connect(url)
    async with lock_database(url, shared=True):
        ((pid,),) = await connection.fetch(HOLDERS)
        await connection.execute("SELECT pg_terminate_backend($1)", pid)
        async with asyncio.timeout(LONG):
            while await connection.fetchval(HOLDERS) in (None, pid):  # noqa: ASYNC110 - in another process
                await asyncio.sleep(SHORT)
    await connection.close()


async def test_sqlite_has_one_process_even_if_it_would_share(sqlite_url: str):
    async with lock_database(sqlite_url, shared=True):
        with pytest.raises(ConfigError, match=r"uses this database already"):
            async with lock_database(sqlite_url, shared=True, max_wait=SHORT):
                pass


@pytest.mark.parametrize(("part", "other"), [("/test", "/unknown"), ("user=postgres", "user=unknown")])
async def test_a_postgresql_server_that_refuses_is_named_as_the_cause(postgres: PostgresServer, part: str, other: str):
    with pytest.raises(ConfigError, match=r"^DATABASE_URL=\(hidden\): .*unknown.* does not exist"):
        async with lock_database(postgres.create_database().replace(part, other)):
            pass


@pytest.mark.parametrize("place", ["127.0.0.1:1/db", "127.0.0.1/db?sslmode=bogus", "3@127.0.0.1/db/3"])
async def test_a_postgresql_server_out_of_reach_is_named_without_the_password(place: str):
    with pytest.raises(ConfigError, match=r"^DATABASE_URL=\(hidden\): ") as caught:
        async with lock_database(f"postgresql://ann:hunter2@{place}"):
            pass
    assert "hunter2" not in str(caught.value)


def lock_in_another_process(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", LOCK_FOLDER, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
    )


@pytest.mark.skipif(sys.platform == "win32", reason="Windows locks no folders")
def test_a_second_process_in_a_folder_is_refused_until_the_first_is_killed(tmp_path: Path):
    with lock_in_another_process(tmp_path) as first:
        assert first.stdout
        assert first.stdout.readline() == "locked\n"
        with lock_in_another_process(tmp_path) as second:
            _, errors = second.communicate()
        assert f"this app is already running in {tmp_path}" in errors
        first.kill()
        first.wait()
    with lock_in_another_process(tmp_path) as third:
        assert third.communicate()[0] == "locked\n"
