"""The page's websocket: compression, and the timeout for Socket.IO's CONNECT."""

import asyncio
import socket
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
from websockets.exceptions import ConnectionClosed
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.sync.client import connect

from chat_app.api.security.connect_timeout import ConnectTimeout
from chat_app.infrastructure.server.options import uvicorn_options
from tests.server import ChosenSettings

SOON = 0.3  # seconds


async def accept_and_wait(scope: Any, receive: Any, send: Any) -> None:
    """A minimal app that accepts a websocket and acknowledges each message."""
    while (await receive())["type"] != "websocket.disconnect":
        if scope.setdefault("accepted", False) is False:
            scope["accepted"] = True
            await send({"type": "websocket.accept"})
        else:
            await send({"type": "websocket.send", "text": "heard"})


@contextmanager
def serving(**options: Any) -> Iterator[str]:
    """Serve ``accept_and_wait`` with the app's options of uvicorn, or others."""
    settings = ChosenSettings(body_timeout=SOON)
    config = uvicorn.Config(
        ConnectTimeout(accept_and_wait, settings.body_timeout),
        **(uvicorn_options(settings) | options),
        lifespan="off",
        log_config=None,
        ws_ping_interval=SOON / 3,
    )
    server, listener = uvicorn.Server(config), socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])), daemon=True)
    thread.start()
    yield f"ws://127.0.0.1:{listener.getsockname()[1]}/"
    server.should_exit = server.force_exit = True
    thread.join()


@pytest.fixture
def url() -> Iterator[str]:
    with serving() as url:
        yield url


@pytest.mark.parametrize("said", [[], ["2probe"]], ids=["nothing but pings", "something else"])
def test_a_websocket_without_a_connect_is_closed_although_it_answers_pings(url: str, said: list[str]):
    with connect(url) as client:
        for text in said:
            client.send(text)
            assert client.recv(timeout=10) == "heard"
        with pytest.raises(ConnectionClosed):
            client.recv(timeout=10)


def test_a_websocket_with_a_connect_stays_open(url: str):
    with connect(url) as client:
        client.send("40/_event,")
        assert client.recv(timeout=10) == "heard"
        with pytest.raises(TimeoutError):
            client.recv(timeout=3 * SOON)
        client.send("still here")
        assert client.recv(timeout=10) == "heard"


def test_messages_are_compressed_with_a_window_of_32_kilobytes(url: str):
    with connect(url) as client:
        (deflate,) = client.protocol.extensions
    assert isinstance(deflate, PerMessageDeflate)
    assert (deflate.remote_max_window_bits, deflate.remote_no_context_takeover) == (15, False)


def test_a_websocket_takes_less_memory_than_uvicorns_own():
    memory: list[int] = []
    for options in ({}, {"ws": "wsproto"}):
        with serving(**options) as url, connect(url) as first:
            first.send("40/_event,")
            assert first.recv(timeout=10) == "heard"
            tracemalloc.start()
            with connect(url) as second:
                second.send("40/_event,")
                assert second.recv(timeout=10) == "heard"
                memory.append(tracemalloc.get_traced_memory()[0])
            tracemalloc.stop()
    own, uvicorns = memory
    assert own < uvicorns - 100_000
