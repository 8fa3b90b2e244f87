"""Benchmarks: this chat and plain implementations of one, as tables.

python -m tests.benchmarks                 # all of them, a quarter of an hour
python -m tests.benchmarks page first      # some

page, burst, first and visit measure Chainlit, Gradio, Streamlit and NiceGUI too, where they are installed: in this
environment, or in another one whose interpreter the variable PEERS_PYTHON names.
"""

import argparse
import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack

from tests.benchmarks import page_tables, server_tables, state_tables, stream_tables, worker_tables
from tests.benchmarks.bench import Bench
from tests.benchmarks.table import Table

TABLES: dict[str, Callable[[Bench], Awaitable[Table]]] = {
    "page": page_tables.after_earlier_messages,
    "burst": page_tables.as_fast_as_they_come,
    "long": page_tables.long_answer,
    "first": page_tables.first_token,
    "visit": page_tables.first_visit,
    "opening": page_tables.opening,
    "stream": stream_tables.stream_cost,
    "many": stream_tables.many_readers,
    "shared": stream_tables.shared_answer,
    "quiet": stream_tables.quiet_streams,
    "idle": server_tables.idle_pages,
    "start": server_tables.second_start,
    "workers": worker_tables.several_workers,
    "state": state_tables.page_state,
}


async def print_tables(names: Iterable[str], patience: float) -> None:
    """Measure, and print each table as soon as it is complete."""
    async with AsyncExitStack() as stack:
        bench = Bench(stack, patience)
        for name in names:
            print(await TABLES[name](bench), end="\n\n", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="*", help=f"which ones; without any, all: {', '.join(TABLES)}")
    parser.add_argument("--patience", type=float, default=200, help="seconds to wait for an answer on a page")
    options = parser.parse_args()
    if unknown := set(options.tables) - set(TABLES):
        parser.error(f"no table {', '.join(unknown)}")
    # SIGTERM as Ctrl+C: the servers must not stay behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    asyncio.run(print_tables(options.tables or TABLES, options.patience))


if __name__ == "__main__":
    main()
