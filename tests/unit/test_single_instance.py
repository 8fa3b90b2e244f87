"""A second process on the same folder or database."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from chat_app.config import ConfigError
from chat_app.infrastructure.server.single_instance import lock_database
from tests.postgres import PostgresServer

SHORT, LONG = 0.05, 30.0

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
