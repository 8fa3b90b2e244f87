"""Timeouts of stalled connections: slow readers and slow senders (Slowloris)."""

import logging
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.fake_upstream import FakeUpstream
from tests.server import ApiServer
from tests.stream_client import StreamClient

Serve = Callable[..., ApiServer]
Connect = Callable[..., StreamClient]

SOON = 0.3  # seconds
PATIENCE = 10.0  # seconds
MUCH = "한" * 1_000_000  # more than the operating system's socket buffers
ASK = b"GET /stream?message=Much HTTP/1.1\r\nHost: localhost\r\n\r\n"


@contextmanager
def client(server: ApiServer) -> Iterator[socket.socket]:
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(PATIENCE)
        connection.connect(("127.0.0.1", server.port))
        yield connection


def are_gone(server: ApiServer) -> bool:
    """Return True if all clients are disconnected within some seconds."""
    deadline = time.monotonic() + PATIENCE
    while server.connections and time.monotonic() < deadline:
        time.sleep(0.01)
    return not server.connections


class TestReaders:
    def test_a_reader_that_takes_nothing_is_dropped_and_slows_nobody(
        self, upstream: FakeUpstream, serve: Serve, connect: Connect, caplog: pytest.LogCaptureFixture
    ):
        server = serve(reader_timeout=SOON, max_answer_chars=1_000_000)
        upstream.answer(MUCH, chunk_size=10_000, when="Much")
        caplog.set_level(logging.INFO)
        with client(server) as reader:
            reader.sendall(ASK)
            assert upstream.wait_calls(1)
            other = connect(server)
            assert other.get("Much").text == MUCH
            other.http.close()
            assert are_gone(server)
        assert "taken nothing" in caplog.text
        assert "Traceback" not in caplog.text

    def test_a_reader_that_takes_a_little_now_and_then_gets_everything(self, upstream: FakeUpstream, serve: Serve):
        server = serve(reader_timeout=SOON, max_answer_chars=1_000_000)
        upstream.answer(MUCH, chunk_size=10_000, when="Much")
        with client(server) as reader, reader.makefile("rb") as response:
            reader.sendall(ASK)
            for _ in range(8):
                assert response.read(32_768)
                time.sleep(SOON / 4)
            assert any(b'"done": true' in line for line in response)


class TestSenders:
    def test_a_sender_that_never_finishes_a_request_is_dropped(self, serve: Serve):
        with client(serve(body_timeout=SOON)) as sender:
            sender.sendall(b"GET /stream?message=Hi HTTP/1.1\r\nX-Slow: ")
            assert sender.recv(1) == b""

    def test_a_connection_without_a_request_is_dropped(self, serve: Serve):
        with client(serve(body_timeout=SOON)) as sender:
            assert sender.recv(1) == b""

    def test_a_sender_that_never_finishes_its_next_request_is_dropped(self, serve: Serve):
        with client(serve(body_timeout=SOON)) as sender, sender.makefile("rb") as response:
            sender.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert response.readline().startswith(b"HTTP/1.1 200")
            sender.sendall(b"GET /health/live HTTP/1.1\r\n")
            assert response.read()

    def test_a_sender_of_blank_lines_after_a_response_is_dropped(self, serve: Serve):
        server = serve(body_timeout=SOON)
        with client(server) as sender:
            sender.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert sender.recv(4096)
            sender.sendall(b"\r\n")
            assert are_gone(server)

    def test_headers_without_end_are_not_read_to_the_end(self, serve: Serve):
        with client(serve()) as sender, pytest.raises(ConnectionError):
            for _ in range(100):
                sender.sendall(b"X-Long: " + b"x" * 65_536)

    @pytest.mark.parametrize("ending", [b"0\r\n" + b"X-Long: x\r\n" * 5_000, b"1;x=" + b"x" * 65_536])
    def test_trailers_and_chunk_extensions_without_end_are_not_read_to_the_end(self, serve: Serve, ending: bytes):
        head = b"POST /nowhere HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        with client(serve()) as sender, pytest.raises(ConnectionError):
            sender.sendall(head)
            for _ in range(100):
                sender.sendall(ending)
                ending = ending.removeprefix(b"0\r\n")

    def test_a_long_body_does_not_count_as_the_next_requests_head(self, serve: Serve):
        body = b"x" * 200_000
        head = b"POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(body)
        with client(serve()) as sender, sender.makefile("rb") as response:
            sender.sendall(head + body + b"GET /health/live HTTP/1.1\r\n")
            sender.sendall(b"Host: localhost\r\nConnection: close\r\n\r\n")
            assert response.read().count(b"HTTP/1.1 ") == 2

    @pytest.mark.parametrize("head", [b"Content-Length: 100000", b"Transfer-Encoding: chunked"])
    def test_a_body_that_drips_on_after_its_answer_is_let_go(self, serve: Serve, head: bytes):
        server = serve(body_timeout=SOON)
        with client(server) as sender:
            sender.sendall(b"POST /nowhere HTTP/1.1\r\nHost: localhost\r\n" + head + b"\r\n\r\n")
            assert sender.recv(12) == b"HTTP/1.1 404"
            deadline = time.monotonic() + PATIENCE
            with pytest.raises(ConnectionError):
                while time.monotonic() < deadline:
                    sender.sendall(b"1\r\n \r\n")
                    time.sleep(SOON / 10)
            assert are_gone(server)

    def test_a_connection_whose_body_came_to_its_end_after_the_answer_goes_on(self, serve: Serve):
        with client(serve(body_timeout=SOON)) as sender, sender.makefile("rb") as response:
            sender.sendall(b"POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n1")
            assert response.readline().startswith(b"HTTP/1.1 404")
            sender.sendall(b"2")
            time.sleep(2 * SOON)
            sender.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert b"HTTP/1.1 200" in response.read()

    def test_an_address_without_end_is_not_read_to_the_end(self, serve: Serve):
        with client(serve()) as sender, pytest.raises(ConnectionError):
            sender.sendall(b"GET /")
            for _ in range(100):
                sender.sendall(b"x" * 65_536)
