"""The OpenAI provider against servers with faulty HTTP or unbounded responses."""

import asyncio
import gzip
import json
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from chat_app.infrastructure.openai.provider import OpenAIProvider
from chat_app.infrastructure.openai.server import OpenAIServer
from chat_app.models.errors import ModelError, RateLimited, Truncated, Unreachable, UpstreamFailed
from chat_app.models.events import Alive, ModelEvent, StepEnded
from chat_app.models.message import Role, Turn
from chat_app.models.parts import Text
from tests.fake_upstream import DONE, chunk, event

pytestmark = pytest.mark.anyio

HELLO = event(chunk({"content": "Hello"}, "stop")) + DONE
MEGABYTE = 1024 * 1024

NO_HTTP = {
    "ssh": b"SSH-2.0-OpenSSH_9.2p1\r\n",
    "tls": b"\x15\x03\x01\x00\x02\x02\x50",
    "1 MB header": b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * MEGABYTE + b"\r\n\r\n" + HELLO,
    "10,000 headers": b"HTTP/1.1 200 OK\r\n" + b"X-Many: x\r\n" * 10_000 + b"\r\n" + HELLO,
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n0\r\n\r\n",
    "no length": b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n" + HELLO,
    "no status": b"HTTP/1.1 OK\r\n\r\n" + HELLO,
    "no colon": b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n" + HELLO,
    "nothing": b"",
}

Answer = Callable[["Connection"], Awaitable[None]]


class Connection:
    """One connection, as its server sees it.

    Attributes:
        number: The number of connections before it.
        heads: The heads of the requests received, in lower case.
        sent: The number of bytes sent.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        self.number = number
        self.heads: list[str] = []
        self.sent = 0
        self._reader = reader
        self._writer = writer

    async def request(self) -> None:
        """Receive the next request, with its body."""
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = head.partition("content-length: ")[2].partition("\r\n")[0]
        await self._reader.readexactly(int(length or 0))
        self.heads.append(head)

    async def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            self._writer.write(piece)
            await self._writer.drain()
            self.sent += len(piece)

    async def answer_all(self) -> None:
        """Answer one request after the other, and give each client a cookie."""
        while True:
            await self.request()
            await self.send(response(HELLO, "Set-Cookie: visitor=first; Path=/"))


class Server:
    """A server whose behaviour is a function.

    Attributes:
        answer: Called with each connection, which is closed afterwards.
        connections: All of them, closed ones too.
    """

    def __init__(self) -> None:
        self.answer: Answer = Connection.answer_all
        self.connections: list[Connection] = []

    @property
    def heads(self) -> list[str]:
        """The heads of all requests, in lower case."""
        return [head for connection in self.connections for head in connection.heads]

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(reader, writer, len(self.connections))
        self.connections.append(connection)
        try:
            await self.answer(connection)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the app has closed the connection
        finally:
            writer.close()


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
async def origin(server: Server) -> AsyncIterator[str]:
    """The address of the server, which listens there."""
    async with await asyncio.start_server(server, "127.0.0.1", 0) as listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"


@asynccontextmanager
async def provider_for(base_url: str, api_key: str = "") -> AsyncIterator[OpenAIProvider]:
    server = OpenAIServer(base_url, api_key)
    yield OpenAIProvider(server, "m", system_prompt="", max_tokens=None)
    await server.close()


@pytest.fixture
async def provider(origin: str) -> AsyncIterator[OpenAIProvider]:
    async with provider_for(f"{origin}/v1") as provider:
        yield provider


async def ask(provider: OpenAIProvider) -> list[ModelEvent]:
    events = provider.stream([Turn(Role.USER, "Hello")])
    return [each async for each in events if not isinstance(each, Alive)]


async def fail(provider: OpenAIProvider) -> ModelError:
    with pytest.raises(ModelError) as caught:
        async with asyncio.timeout(30):
            await ask(provider)
    return caught.value


def response(body: bytes = HELLO, *headers: str, status: int = 200) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def once(*pieces: bytes) -> Answer:
    """Answer one request with these bytes."""

    async def answer(connection: Connection) -> None:
        await connection.request()
        await connection.send(*pieces)

    return answer


def responds(body: bytes, *headers: str, status: int = 200) -> Answer:
    return once(response(body, *headers, status=status))


def endless(head: bytes, piece: bytes, count: int) -> Answer:
    """A response of ``count`` times the same piece, beyond the provider's bound."""
    return once(head, *[piece] * count)


class TestBounds:
    async def test_one_line_of_50_mb_is_not_read_to_its_end(self, server: Server, provider: OpenAIProvider):
        server.answer = endless(b"HTTP/1.1 200 OK\r\n\r\ndata: ", b"x" * MEGABYTE, 50)
        assert isinstance(await fail(provider), UpstreamFailed)
        assert server.connections[0].sent < 12 * MEGABYTE

    async def test_an_event_of_many_lines_is_not_read_to_its_end(self, server: Server, provider: OpenAIProvider):
        server.answer = endless(b"HTTP/1.1 200 OK\r\n\r\n", b"data: xxx\n" * 100_000, 50)
        assert isinstance(await fail(provider), UpstreamFailed)
        assert server.connections[0].sent < 20 * MEGABYTE

    async def test_a_json_document_of_50_mb_is_not_read_to_its_end(self, server: Server, provider: OpenAIProvider):
        server.answer = endless(b'HTTP/1.1 200 OK\r\n\r\n{"x": [\n', b"1,\n" * 300_000, 50)
        assert isinstance(await fail(provider), UpstreamFailed)
        assert server.connections[0].sent < 12 * MEGABYTE

    async def test_comments_for_ever_are_not_read_for_ever(self, server: Server, provider: OpenAIProvider):
        server.answer = endless(b"HTTP/1.1 200 OK\r\n\r\n", b": ping\n\n" * 100_000, 100)
        assert isinstance(await fail(provider), UpstreamFailed)
        assert server.connections[0].sent < 20 * MEGABYTE

    async def test_bytes_after_the_end_mark_are_not_read(self, server: Server, provider: OpenAIProvider):
        server.answer = endless(b"HTTP/1.1 200 OK\r\n\r\n" + HELLO, b"x" * MEGABYTE, 50)
        assert (await ask(provider))[0] == Text("Hello")
        assert server.connections[0].sent < 12 * MEGABYTE

    @pytest.mark.parametrize("status", [400, 429, 500, 302])
    async def test_of_an_errors_body_only_the_beginning_is_read(
        self, server: Server, provider: OpenAIProvider, status: int
    ):
        head = f"HTTP/1.1 {status} X\r\nLocation: /elsewhere\r\n\r\n".encode()
        server.answer = endless(head, b"x" * MEGABYTE, 50)
        assert isinstance(await fail(provider), RateLimited if status == 429 else ModelError)
        assert all(connection.sent < 12 * MEGABYTE for connection in server.connections)

    @pytest.mark.parametrize("status", [201, 202])
    async def test_of_any_success_all_is_read(self, server: Server, provider: OpenAIProvider, status: int):
        server.answer = responds(b": ping\n\n" * 20_000 + HELLO, status=status)
        assert (await ask(provider))[-2] == Text("Hello")

    @pytest.mark.parametrize("status", [200, 500])
    async def test_a_gzip_bomb_is_not_unpacked(self, server: Server, provider: OpenAIProvider, status: int):
        bomb = gzip.compress(b"x" * 64 * MEGABYTE, 1)
        server.answer = responds(bomb, "Content-Encoding: gzip", status=status)
        turns = 0

        async def count_turns() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0)
                turns += 1

        counting = asyncio.create_task(count_turns())
        assert isinstance(await fail(provider), UpstreamFailed)
        counting.cancel()
        # Unpacked at once, it would have left the loop to others only a few times.
        assert turns > 10

    async def test_a_bomb_of_short_lines_is_not_unpacked_for_ever(self, server: Server, provider: OpenAIProvider):
        server.answer = responds(gzip.compress(b": ping\n" * 5_000_000, 1), "Content-Encoding: gzip")
        assert isinstance(await fail(provider), UpstreamFailed)

    async def test_an_errors_body_that_drips_is_read_for_a_bounded_time(self, server: Server, provider: OpenAIProvider):
        async def drip(connection: Connection) -> None:
            await connection.request()
            await connection.send(b"HTTP/1.1 429 X\r\n\r\nslow down")
            while True:
                await asyncio.sleep(0.1)
                await connection.send(b".")

        server.answer = drip
        error = await fail(provider)
        assert isinstance(error, RateLimited)
        assert "slow down" in str(error)


class TestEncodings:
    async def test_no_compression_is_asked_for(self, server: Server, provider: OpenAIProvider):
        await ask(provider)
        assert "accept-encoding: identity\r\n" in server.heads[0]

    @pytest.mark.parametrize(
        ("encoding", "body"),
        [
            ("gzip", gzip.compress(HELLO)),
            ("gzip", gzip.compress(HELLO[:30]) + gzip.compress(HELLO[30:])),
            ("GZIP", gzip.compress(HELLO)),
            ("deflate", zlib.compress(HELLO)),
            ("deflate", zlib.compress(HELLO)[2:-4]),
            ("identity", HELLO),
            ("utf-8", HELLO),
            ("gzip, identity", gzip.compress(HELLO)),
        ],
        ids=["gzip", "gzip in two members", "upper case", "deflate", "raw deflate", "none", "a charset", "gzip alone"],
    )
    async def test_a_body_that_is_compressed_all_the_same_is_unpacked(
        self, server: Server, provider: OpenAIProvider, encoding: str, body: bytes
    ):
        server.answer = responds(body, f"Content-Encoding: {encoding}")
        assert (await ask(provider))[0] == Text("Hello")

    @pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "gzip"])
    @pytest.mark.parametrize("status", [200, 500])
    async def test_a_body_that_cannot_be_unpacked_is_an_error(
        self, server: Server, provider: OpenAIProvider, encoding: str, status: int
    ):
        server.answer = responds(HELLO, f"Content-Encoding: {encoding}", status=status)
        assert isinstance(await fail(provider), UpstreamFailed)


class TestHttp:
    async def test_a_header_of_10_kb_is_accepted(self, server: Server, provider: OpenAIProvider):
        server.answer = responds(HELLO, f"X-Long: {'x' * 10_000}")
        assert (await ask(provider))[0] == Text("Hello")

    @pytest.mark.parametrize("name", NO_HTTP)
    async def test_a_response_that_is_no_http_is_a_named_error(
        self, server: Server, provider: OpenAIProvider, name: str
    ):
        server.answer = once(NO_HTTP[name])
        assert isinstance(await fail(provider), Unreachable | UpstreamFailed)

    @pytest.mark.parametrize("chunked", [b"zz\r\nHello\r\n", b"5\r\nHelloHello\r\n", b"ffffffffffffffffff\r\n"])
    async def test_broken_chunks_are_a_named_error(self, server: Server, provider: OpenAIProvider, chunked: bytes):
        server.answer = once(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked)
        assert isinstance(await fail(provider), Truncated | Unreachable | UpstreamFailed)

    async def test_redirects_for_ever_are_a_named_error(self, server: Server, provider: OpenAIProvider):
        server.answer = responds(b"", "Location: /again", status=307)
        assert isinstance(await fail(provider), Unreachable)

    async def test_cookies_are_not_sent_with_the_next_request(self, server: Server, provider: OpenAIProvider):
        await ask(provider)
        await ask(provider)
        assert len(server.heads) == 2
        assert not any("cookie" in head for head in server.heads)


class TestConnections:
    async def test_a_pooled_connection_that_is_closed_is_replaced(self, server: Server, provider: OpenAIProvider):
        async def answer_once(connection: Connection) -> None:
            await connection.request()
            await connection.send(response())
            if connection.number == 0:
                await connection.request()

        server.answer = answer_once
        await ask(provider)
        assert (await ask(provider))[0] == Text("Hello")
        assert len(server.connections) == 2

    async def test_an_answer_comes_although_all_pooled_connections_are_closed(
        self, server: Server, provider: OpenAIProvider
    ):
        async def answer_once(connection: Connection) -> None:
            await connection.request()
            await asyncio.sleep(0.1)  # so that they are open at the same time
            await connection.send(response())
            if connection.number < 3:
                await connection.request()

        server.answer = answer_once
        await asyncio.gather(*(ask(provider) for _ in range(3)))
        assert (await ask(provider))[0] == Text("Hello")

    async def test_a_new_connection_that_is_closed_is_not_tried_again(self, server: Server, provider: OpenAIProvider):
        server.answer = once()
        assert isinstance(await fail(provider), Unreachable)
        assert len(server.connections) == 1

    async def test_a_connection_serves_one_answer_after_another(self, server: Server, provider: OpenAIProvider):
        for _ in range(3):
            await ask(provider)
        assert len(server.connections) == 1

    async def test_the_request_is_sent_through_the_proxy_that_the_environment_names(
        self, server: Server, origin: str, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setenv("http_proxy", origin)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        async with provider_for("http://model.invalid/v1") as provider:
            assert (await ask(provider))[0] == Text("Hello")
        assert server.heads[0].startswith("post http://model.invalid/v1/chat/completions ")


async def test_the_query_of_the_address_stays_at_the_end(server: Server, origin: str):
    key = "k" * 20
    async with provider_for(f"{origin}/deployments/d/?api-version=2024-10-21", key) as provider:
        await ask(provider)
    assert server.heads[0].startswith("post /deployments/d/chat/completions?api-version=2024-10-21 ")
    assert f"api-key: {key}\r\n" in server.heads[0]


async def test_a_models_name_is_one_short_printable_line(server: Server, provider: OpenAIProvider):
    name = "model\n12:00:00 INFO forged \x1b[31m" + "x" * 1000
    server.answer = responds(b"data: " + json.dumps(chunk({"content": "Hi"}, "stop", model=name)).encode() + b"\n\n")
    *_, last = await ask(provider)
    assert isinstance(last, StepEnded)
    assert last.model.isprintable()
    assert len(last.model) <= 100
