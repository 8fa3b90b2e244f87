"""The faults of a single worker with SQLite, one function each."""

import sqlite3
import subprocess
from contextlib import suppress
from pathlib import Path

from tests.faults.driving import Outage, expect_stored
from tests.faults.ground import Impossible
from tests.faults.trial import Trial


async def locked(trial: Trial, count: int, *, at_once: int = 20, seconds: float = 15) -> None:
    """Another process has the database locked for writing, for longer than a question waits."""
    other = sqlite3.connect(trial.ground.folder / "chat.db", isolation_level=None, check_same_thread=False, timeout=10)
    try:
        outage = Outage(lambda: other.execute("BEGIN IMMEDIATE"), other.rollback, seconds)
        await _survive(trial, outage, count, at_once)
    finally:
        other.close()


async def read_only(trial: Trial, count: int, *, at_once: int = 20, seconds: float = 10) -> None:
    """The files can't be written, not even by a process that has them open, as on a disk that is mounted read-only.

    Raises:
        Impossible: It takes root, and a file system with the attribute.
    """
    files = [str(trial.ground.folder / name) for name in ("chat.db", "chat.db-wal")]

    def change(flag: str) -> None:
        if subprocess.run(["chattr", flag, *files], check=False, capture_output=True).returncode:
            raise Impossible("chattr +i, which takes root and a file system such as ext4, can't make files read-only")

    try:
        change("-i")
        await _survive(trial, Outage(lambda: change("+i"), lambda: change("-i"), seconds), count, at_once)
    finally:
        with suppress(Impossible):
            change("-i")


async def full(trial: Trial, count: int, *, at_once: int = 20, seconds: float = 20) -> None:
    """The database's disk is full."""
    filler = trial.ground.folder / "filler"
    await _survive(trial, Outage(lambda: _fill(filler), filler.unlink, seconds), count, at_once)


async def _survive(trial: Trial, outage: Outage, count: int, at_once: int) -> None:
    await outage.during(trial, count, at_once=at_once)
    await expect_stored(trial)
    trial.expect(trial.errors["storage"], "no question met the error of storage")


def _fill(filler: Path) -> None:
    """Write until there is no space left."""
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
