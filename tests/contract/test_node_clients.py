"""``/stream`` with Node's common SSE clients, over connections that break."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from tests.cutting_proxy import CuttingProxy
from tests.fake_upstream import FakeUpstream
from tests.javascript import node_program
from tests.server import ApiServer

TEXT = "".join(f"조각 {number}, " for number in range(40))

PACKAGES = ["eventsource@4", "@microsoft/fetch-event-source@2"]

EVENT_SOURCE = """
const {EventSource} = await import("eventsource");
const source = new EventSource(process.argv[1]);
source.onmessage = ({data}) => console.log(data);
"""

# The client is made for browsers: stand-ins for the objects that it uses.
FETCH_EVENT_SOURCE = """
globalThis.window = globalThis;
globalThis.document = {hidden: false, addEventListener() {}, removeEventListener() {}};
const {fetchEventSource} = await import("@microsoft/fetch-event-source");
await fetchEventSource(process.argv[1], {
  method: "POST",
  headers: {"Content-Type": "application/json"},
  body: process.argv[2],
  onmessage: ({data}) => console.log(data),
});
"""


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the packages."""
    folder = tmp_path_factory.mktemp("node")
    # Retries with short timeouts, in milliseconds: a slow registry often responds to the next request.
    patience = ["--fetch-timeout=10000", "--fetch-retries=6", "--fetch-retry-mintimeout=500", "--fetch-retry-factor=1"]
    command = [node_program("npm"), "install", "--no-audit", "--no-fund", *patience, *PACKAGES]
    installing = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    if installing.returncode:
        pytest.skip(f"npm can't install {' and '.join(PACKAGES)}: {installing.stderr[-500:]}")
    return folder


@pytest.fixture
def proxy(server: ApiServer) -> Iterator[CuttingProxy]:
    with CuttingProxy(server.port) as proxy:
        yield proxy


@contextmanager
def node(folder: Path, script: str, *arguments: str) -> Iterator[Iterator[dict]]:
    """Run a script, and return the lines that it prints."""
    command = [node_program("node"), "--input-type=module", "-e", script, *arguments]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        assert process.stdout
        yield map(json.loads, process.stdout)
    assert process.returncode == 0


def test_eventsource_gets_every_chunk_once_and_stops_at_the_end(
    upstream: FakeUpstream, proxy: CuttingProxy, folder: Path
):
    upstream.answer(TEXT)
    upstream.hold(after=10)
    # It never closes: it reconnects after the end as well, gets 204, and lets Node exit.
    with node(folder, EVENT_SOURCE, f"http://127.0.0.1:{proxy.port}/stream?message=Hello") as frames:
        received = [next(frames) for _ in range(10)]
        proxy.cut_after(250)
        upstream.release()
        received += frames
    check(received, proxy, upstream)


def test_fetch_event_source_gets_every_chunk_once(upstream: FakeUpstream, proxy: CuttingProxy, folder: Path):
    upstream.answer(TEXT)
    upstream.hold(after=10)
    question = json.dumps({"message": "Hello", "id": str(uuid4())})
    with node(folder, FETCH_EVENT_SOURCE, f"http://127.0.0.1:{proxy.port}/stream", question) as frames:
        received = [next(frames) for _ in range(10)]
        proxy.cut_after(250)
        upstream.release()
        received += frames
    check(received, proxy, upstream)


def test_fetch_event_source_may_ask_twice_before_the_first_word(
    upstream: FakeUpstream, proxy: CuttingProxy, folder: Path
):
    upstream.answer(TEXT)
    proxy.cut_after(1)
    question = json.dumps({"message": "Hello", "id": str(uuid4())})
    with node(folder, FETCH_EVENT_SOURCE, f"http://127.0.0.1:{proxy.port}/stream", question) as frames:
        received = list(frames)
    check(received, proxy, upstream)


def check(received: list[dict], proxy: CuttingProxy, upstream: FakeUpstream) -> None:
    *chunks, done = received
    assert "".join(chunk["chunk"] for chunk in chunks) == TEXT
    assert (done["status"], proxy.cuts, upstream.calls) == ("complete", 1, 1)
