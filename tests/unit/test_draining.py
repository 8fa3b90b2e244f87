"""Connections of a worker that shuts down."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from chat_app.infrastructure.server.connections import Connections, TrackedConnections
from tests.fakes import until

CLOSED = {"type": "websocket.close", "code": 1012}


class Page:
    """A page's websocket: the application accepts it, and ends when it is closed.

    Attributes:
        error: Raised by writing to it.
        is_writable: Cleared while its reader takes nothing.
    """

    def __init__(self, connections: Connections, token: str) -> None:
        self.sent: list[Message] = []
        self.error: OSError | None = None
        self.is_writable = asyncio.Event()
        self.is_writable.set()
        self._closed = asyncio.Event()
        self._connections = connections
        self._scope = {"type": "websocket", "query_string": f"EIO=4&token={token}".encode()}

    async def serve(self) -> None:
        await TrackedConnections(self._app, self._connections)(self._scope, self._receive, self._send)

    @property
    def is_accepted(self) -> bool:
        return {"type": "websocket.accept"} in self.sent

    @property
    def is_closed(self) -> bool:
        return CLOSED in self.sent

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})
        await self._closed.wait()

    async def _receive(self) -> Message:
        return {"type": "websocket.connect"}

    async def _send(self, message: Message) -> None:
        await self.is_writable.wait()
        if self.error:
            raise self.error
        self.sent.append(message)
        if message == CLOSED:
            self._closed.set()


OpenPage = Callable[[str], Awaitable[Page]]


@pytest.fixture
async def connections() -> AsyncIterator[Connections]:
    connections = Connections()
    yield connections
    await connections.close()


@pytest.fixture
async def open_page(connections: Connections) -> AsyncIterator[OpenPage]:
    """Open a page with this token; at the end all are closed."""
    serving: list[asyncio.Task[None]] = []

    async def open_page(token: str) -> Page:
        page = Page(connections, token)
        serving.append(asyncio.create_task(page.serve()))
        await until(lambda: page.sent)
        return page

    yield open_page
    for task in serving:
        task.cancel()
    await asyncio.gather(*serving, return_exceptions=True)


async def head_of(connections: Connections) -> dict[str, Any]:
    """The head of a response, its application being asked once."""
    sent: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert connections.are_busy
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x", b"y")]})
        await send({"type": "http.response.body"})

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    await TrackedConnections(app, connections)({"type": "http"}, receive, send)
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    return dict(sent[0]["headers"])


async def test_a_worker_that_shuts_down_closes_each_connection_after_its_next_response(connections: Connections):
    assert await head_of(connections) == {b"x": b"y"}
    connections.drain(move_pages=False)
    assert await head_of(connections) == {b"x": b"y", b"connection": b"close"}
    assert not connections.are_busy


async def test_idle_pages_are_sent_to_other_workers(connections: Connections, open_page: OpenPage):
    pages = [await open_page(f"page-{number}") for number in range(40)]
    connections.drain(move_pages=True)
    await until(lambda: all(page.is_closed for page in pages))


async def test_pages_that_can_not_be_closed_do_not_keep_the_others(connections: Connections, open_page: OpenPage):
    gone, takes_nothing, other = [await open_page(token) for token in ("gone", "takes nothing", "other")]
    gone.error = OSError("the client has disconnected")
    takes_nothing.is_writable.clear()
    connections.drain(move_pages=True)
    await until(lambda: other.is_closed)
    late = [await open_page("late") for _ in range(2)]
    assert all(page.is_closed for page in late)
    assert not takes_nothing.is_closed


async def test_a_page_that_follows_an_answer_stays_until_its_end(connections: Connections, open_page: OpenPage):
    page, idle = await open_page("follows"), await open_page("idle")
    with connections.following("follows"):
        connections.drain(move_pages=True)
        await until(lambda: idle.is_closed)
        await asyncio.sleep(0.3)  # three looks at the pages
        assert not page.is_closed
        assert connections.are_busy
    await until(lambda: page.is_closed)
    assert not connections.are_busy


async def test_a_page_that_comes_late_is_sent_to_another_worker(connections: Connections, open_page: OpenPage):
    connections.drain(move_pages=True)
    page = await open_page("late")
    assert page.is_closed
    assert not page.is_accepted


async def test_pages_stay_where_there_is_no_other_worker(connections: Connections, open_page: OpenPage):
    page = await open_page("early")
    connections.drain(move_pages=False)
    late = await open_page("late")
    await asyncio.sleep(0.3)  # three looks at the pages
    assert not page.is_closed
    assert late.is_accepted
    assert not late.is_closed


async def test_an_answer_followed_twice_by_one_page_is_followed_until_both_end(connections: Connections):
    with connections.following("page"):
        with connections.following("page"):
            pass
        assert connections.are_busy
    assert not connections.are_busy
