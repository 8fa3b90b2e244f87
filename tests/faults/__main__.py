"""Faults, as a table.

python -m tests.faults                  # all of them, 200 answers each, a quarter of an hour
python -m tests.faults killed paused    # some
python -m tests.faults --count 20
"""

import argparse
import asyncio
import signal
import sys

from tests import postgres, redis_server
from tests.benchmarks.table import Table
from tests.faults.faults import FAULTS
from tests.faults.ground import Impossible
from tests.faults.trial import Result

_COLUMNS = (
    "fault",
    "sent",
    "received",
    "complete",
    "interrupted",
    "lost",
    "duplicated",
    "billed twice",
    "slowest recovery",
)


def main() -> None:
    parser = argparse.ArgumentParser(description="Drive faults, and print what was lost.")
    parser.add_argument("names", nargs="*", choices=[*FAULTS, []], help="all by default")
    parser.add_argument("--count", type=int, default=200, help="answers for each fault")
    options = parser.parse_args()
    # SIGTERM as Ctrl+C: the servers must not stay behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(not asyncio.run(_run(options.names or list(FAULTS), options.count)))


async def _run(names: list[str], count: int) -> bool:
    table, is_sound = Table("Faults", _COLUMNS), True
    for name in names:
        try:
            result = await FAULTS[name].run(count)
        except (postgres.NotInstalled, redis_server.NotInstalled, Impossible) as missing:
            print(f"{name}: left out, {missing}", file=sys.stderr)
            continue
        is_sound &= result.is_sound
        table.rows.append(_row(result))
        print(f"{name}: {dict(result.errors)}", *result.problems, sep="\n", file=sys.stderr, flush=True)
    print(table)
    return is_sound


def _row(result: Result) -> list[str]:
    counts = (result.sent, result.received, result.complete, result.interrupted)
    faults = (result.lost, result.duplicated, result.billed_twice)
    return [result.fault, *map(str, counts + faults), f"{result.slowest:.1f} s"]


if __name__ == "__main__":
    main()
