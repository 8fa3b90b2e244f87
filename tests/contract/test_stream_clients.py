"""``/stream`` with common SSE clients, over connections that break."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from uuid import uuid4

import httpx
import pytest
from httpx_sse import connect_sse
from playwright.sync_api import Page, sync_playwright
from sseclient import SSEClient

from tests.chromium import FLAGS, MISSING, chromium_path
from tests.cutting_proxy import CuttingProxy
from tests.fake_upstream import FakeUpstream
from tests.server import ApiServer
from tests.stream_client import Reply

TEXT = "".join(f"조각 {number}, " for number in range(40))


@pytest.fixture
def proxy(server: ApiServer) -> Iterator[CuttingProxy]:
    with CuttingProxy(server.port) as proxy:
        yield proxy


def curl(*arguments: str) -> "subprocess.Popen[str]":
    program = shutil.which("curl")
    if program is None:
        pytest.skip("curl is missing; on Debian and Ubuntu: apt install curl")
    return subprocess.Popen([program, "-sN", *arguments], stdout=subprocess.PIPE, text=True, encoding="utf-8")


class TestEventSource:
    """The browser's ``EventSource``."""

    @pytest.fixture
    def page(self, proxy: CuttingProxy) -> Iterator[Page]:
        path = chromium_path()
        if path is None:
            pytest.skip(MISSING)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
            page = browser.new_page()
            # Any page of the same origin.
            page.goto(f"http://127.0.0.1:{proxy.port}/openapi.json")
            yield page
            browser.close()

    def test_eventsource_gets_every_chunk_once_over_a_broken_connection_and_stops_at_the_end(
        self, upstream: FakeUpstream, proxy: CuttingProxy, page: Page
    ):
        upstream.answer(TEXT)
        upstream.hold(after=10)
        statuses: list[int] = []
        page.on("response", lambda response: statuses.append(response.status))
        page.evaluate(
            """() => {
                window.received = [];
                window.source = new EventSource("/stream?message=Hello");
                source.onmessage = (event) => received.push(JSON.parse(event.data));
            }"""
        )
        page.wait_for_function("received.length === 10")
        proxy.cut_after(250)
        upstream.release()
        # This client never closes: it reconnects after the end as well, and gets 204.
        page.wait_for_function("source.readyState === EventSource.CLOSED")
        *chunks, done = page.evaluate("received")
        assert "".join(chunk["chunk"] for chunk in chunks) == TEXT
        assert (done["status"], proxy.cuts, upstream.calls) == ("complete", 1, 1)
        assert statuses == [200, 200, 204]


class TestHttpxSse:
    def test_httpx_sse_gets_every_chunk_once_over_connections_that_break_again_and_again(
        self, upstream: FakeUpstream, proxy: CuttingProxy
    ):
        upstream.answer(TEXT)
        url, question = f"http://127.0.0.1:{proxy.port}/stream", {"message": "Hello", "id": str(uuid4())}
        received: list[dict] = []
        last_event_id = ""
        while not (received and received[-1].get("done")):
            headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
            proxy.cut_after(1900)
            try:
                with (
                    httpx.Client(trust_env=False) as client,
                    connect_sse(client, "POST", url, json=question, headers=headers) as source,
                ):
                    for event in source.iter_sse():
                        received.append(event.json())
                        last_event_id = event.id
            except httpx.RemoteProtocolError:
                pass
        assert "".join(event.get("chunk", "") for event in received) == TEXT
        assert proxy.cuts > 2
        assert upstream.calls == 1


class TestSseclientPy:
    def test_sseclient_py_gets_every_chunk_once_over_a_broken_connection(
        self, upstream: FakeUpstream, proxy: CuttingProxy
    ):
        upstream.answer(TEXT)
        url, question = f"http://127.0.0.1:{proxy.port}/stream", {"message": "Hello", "id": str(uuid4())}
        received: list[dict] = []
        headers: dict[str, str] = {}
        proxy.cut_after(1900)
        while not (received and received[-1].get("done")):
            try:
                with httpx.stream("POST", url, json=question, headers=headers, trust_env=False) as response:
                    for event in SSEClient(response.iter_bytes()).events():
                        received.append(json.loads(event.data))
                        headers["Last-Event-ID"] = event.id or ""
            except httpx.RemoteProtocolError:
                pass
        assert "".join(event.get("chunk", "") for event in received) == TEXT
        assert (proxy.cuts, upstream.calls) == (1, 1)


class TestCurl:
    def test_curl_shows_the_chunks_as_they_come(self, upstream: FakeUpstream, server: ApiServer):
        upstream.answer("Hello there", chunk_size=6)
        upstream.hold(after=1)
        with curl("-G", f"{server.url}/stream", "--data-urlencode", "message=안녕?") as process:
            assert process.stdout
            shown = [process.stdout.readline() for _ in range(2)]
            upstream.release()
            shown += process.stdout.readlines()
        assert shown[1] == 'data: {"chunk": "Hello "}\n'
        assert upstream.requests[0].last_message == "안녕?"
        assert json.loads(shown[-2].removeprefix("data: "))["done"] is True

    def test_curl_posts_json(self, server: ApiServer, upstream: FakeUpstream):
        with curl(f"{server.url}/stream", "-H", "Content-Type: application/json", "-d", '{"message": "Hi"}') as process:
            assert process.stdout
            reply = Reply(200, httpx.Headers(), process.stdout.read())
        assert reply.text == "Hello from the fake upstream."

    def test_interrupting_curl_closes_the_connection_to_the_model(
        self, upstream: FakeUpstream, serve: Callable[..., ApiServer]
    ):
        server = serve(abandoned_answer_grace=0.05)
        upstream.hold(after=1)
        with curl(f"{server.url}/stream?message=Hi") as process:
            assert process.stdout
            process.stdout.readline()
            process.terminate()
        assert upstream.wait_closed()
