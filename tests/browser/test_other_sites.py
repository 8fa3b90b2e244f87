"""Cross-origin requests with the visitor's cookie: they can spend and read nothing."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page

from tests.app_server import AppServer
from tests.browser.chat_page import ChatPage
from tests.fake_upstream import FakeUpstream

# Each resolves, once the request has ended, to the text that the page could read.
ATTEMPTS = {
    "image": """(url) => new Promise((resolve) => {
        const image = new Image();
        image.onload = () => resolve("loaded");
        image.onerror = () => resolve("");
        image.src = url;
    })""",
    "form": """(url) => new Promise((resolve) => {
        document.body.innerHTML = `<iframe name="frame"></iframe>
            <form target="frame" action="${url}"><input name="message" value="Hello"></form>`;
        document.querySelector("iframe").onload = () => resolve("");
        document.querySelector("form").submit();
    })""",
    "posted form": """(url) => new Promise((resolve) => {
        document.body.innerHTML = `<iframe name="frame"></iframe>
            <form target="frame" action="${url}" method="post" enctype="text/plain">
            <input name='{"message": "Hello", "x": "' value='"}'></form>`;
        document.querySelector("iframe").onload = () => resolve("");
        document.querySelector("form").submit();
    })""",
    "fetch without CORS": """(url) => fetch(url, {mode: "no-cors", credentials: "include"})
        .then((response) => response.text(), () => "")""",
    "posting fetch without CORS": """(url) => fetch(url, {
        mode: "no-cors", credentials: "include", method: "POST", body: '{"message": "Hello"}',
    }).then((response) => response.text(), () => "")""",
    "fetch": """(url) => fetch(url, {credentials: "include"}).then((response) => response.text(), () => "")""",
    "posting fetch": """(url) => fetch(url, {
        credentials: "include",
        method: "POST",
        body: '{"message": "Hello"}',
        headers: {"Content-Type": "application/json"},
    }).then((response) => response.text(), () => "")""",
    "EventSource": """(url) => new Promise((resolve) => {
        const source = new EventSource(url);
        source.onmessage = ({data}) => resolve(data);
        source.onerror = () => { source.close(); resolve(""); };
    })""",
    "EventSource with credentials": """(url) => new Promise((resolve) => {
        const source = new EventSource(url, {withCredentials: true});
        source.onmessage = ({data}) => resolve(data);
        source.onerror = () => { source.close(); resolve(""); };
    })""",
}
WEBSOCKET = """(url) => new Promise((resolve) => {
    const socket = new WebSocket(url);
    socket.onopen = () => resolve("open");
    socket.onerror = () => resolve("");
})"""
ROUTES = ["/", "/ping", "/health", "/stream", "/openapi.json", "/_event/?EIO=4&transport=polling"]


class _AnyPage(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Another site</title>")

    def log_message(self, *_: Any) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - its names don't matter
        pass


# Requests from another site carry no cookie, those from another port of the same site do.
@pytest.fixture(params=["127.0.0.1", "localhost"], ids=["another site", "another port"])
def other_page(request: pytest.FixtureRequest, chat: ChatPage) -> Iterator[Page]:
    """A page of another origin beside the chat's, in the same browser."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _AnyPage) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = chat.page.context.new_page()
        page.goto(f"http://{request.param}:{server.server_port}/")
        yield page
        page.close()
        server.shutdown()


def test_no_request_of_another_origin_reaches_the_model_and_no_websocket_opens(
    other_page: Page, server: AppServer, upstream: FakeUpstream
) -> None:
    websocket = f"{server.url.replace('http', 'ws')}/_event/?EIO=4&transport=websocket&token=x"
    assert other_page.evaluate(WEBSOCKET, websocket) == ""
    for attempt in ATTEMPTS.values():
        assert other_page.evaluate(attempt, f"{server.url}/stream?message=Hello") == ""
    assert upstream.calls == 0


def test_no_route_allows_another_origin(server: AppServer) -> None:
    origins = ("https://evil.example", "null", f"{server.url}.evil.example")
    with httpx.Client(base_url=server.url) as client:
        for path, origin in product(ROUTES, origins):
            allowed = client.get(path, headers={"Origin": origin}).headers.get("access-control-allow-origin")
            assert allowed not in ("*", origin), path


def test_the_same_requests_succeed_from_the_chats_own_page(
    chat: ChatPage, server: AppServer, upstream: FakeUpstream
) -> None:
    for name in ("fetch", "posting fetch", "EventSource"):
        assert "chunk" in chat.page.evaluate(ATTEMPTS[name], f"{server.url}/stream?message=Hello")
    assert upstream.calls == 3
