"""Faults, as a table.

python -m tests.faults                  # all of them, 200 answers each, a quarter of an hour
python -m tests.faults killed paused    # some
python -m tests.faults --count 20
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable

from tests.benchmarks.table import Table
from tests.faults import scenarios
from tests.faults.trial import Result

FAULTS: dict[str, Callable[[int], Awaitable[Result]]] = {
    "killed": scenarios.killed,
    "restarted": scenarios.restarted,
    "redis_paused": scenarios.redis_paused,
    "redis_lost": scenarios.redis_lost,
    "postgres_away": scenarios.postgres_away,
    "paused": scenarios.paused,
    "connections_cut": scenarios.connections_cut,
    "asked_twice": scenarios.asked_twice,
}
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
    sys.exit(not asyncio.run(_run(options.names or list(FAULTS), options.count)))


async def _run(names: list[str], count: int) -> bool:
    table, is_sound = Table("Faults", _COLUMNS), True
    for name in names:
        result = await FAULTS[name](count)
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
