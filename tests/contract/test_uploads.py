"""The memory budget of request bodies."""

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from chat_app.api.http.upload_budget import UploadBudget
from chat_app.models.errors import UploadsFull
from tests.server import PROGRAM_KEY, ApiServer
from tests.stream_client import new_cookie

JSON = {"Content-Type": "application/json"}
MEGABYTE = 1_000_000


class TestRoom:
    async def test_an_upload_waits_until_there_is_room(self):
        uploads = UploadBudget(MEGABYTE)
        entered = asyncio.Event()

        async def upload() -> None:
            async with uploads.reserve(MEGABYTE):
                entered.set()

        async with uploads.reserve(MEGABYTE):
            waiting = asyncio.create_task(upload())
            await asyncio.sleep(0.01)
            assert not entered.is_set()
        async with asyncio.timeout(5):
            await waiting
        assert entered.is_set()

    async def test_an_upload_that_waits_too_long_for_room_is_refused(self):
        uploads = UploadBudget(MEGABYTE, patience=0.01)
        async with uploads.reserve(MEGABYTE):
            with pytest.raises(UploadsFull):
                async with uploads.reserve(MEGABYTE):
                    pass
        async with uploads.reserve(MEGABYTE):
            pass

    async def test_a_small_body_always_has_room(self):
        uploads = UploadBudget(MEGABYTE, patience=0.01)
        async with uploads.reserve(MEGABYTE), uploads.reserve(10_000), uploads.reserve(10_000):
            pass

    async def test_an_upload_that_fails_gives_its_room_back(self):
        uploads = UploadBudget(MEGABYTE, patience=0.01)
        with pytest.raises(OSError):
            async with uploads.reserve(MEGABYTE):
                raise OSError
        async with uploads.reserve(MEGABYTE):
            pass


@contextmanager
def unfinished(server: ApiServer, size: int) -> Iterator[socket.socket]:
    """An import of ``size`` bytes whose body isn't complete."""
    head = (
        f"POST /archive HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {size}\r\nCookie: {new_cookie()}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(head.encode() + b"[")
        yield connection


def test_without_room_an_upload_is_told_when_to_come_back_and_questions_are_answered(serve: Callable[..., ApiServer]):
    server = serve(max_import_chars=2 * MEGABYTE, max_upload_bytes=8 * MEGABYTE, max_file_bytes=MEGABYTE)
    with unfinished(server, 8 * MEGABYTE):
        question = {"message": "Hi", "history": [{"role": "user", "content": "x" * 100_000}]}
        headers = {**JSON, "Authorization": f"Bearer {PROGRAM_KEY}"}
        full = httpx.post(f"{server.url}/stream", json=question, headers=headers, timeout=30)
        assert (full.status_code, full.json()["error"]["code"]) == (503, "uploads_full")
        assert int(full.headers["retry-after"]) > 0
        assert httpx.post(f"{server.url}/stream", json={"message": "Hi"}, headers=headers).status_code == 200
    assert httpx.post(f"{server.url}/stream", json=question, headers=headers).status_code == 200


def test_many_imports_at_once_all_come_through(serve: Callable[..., ApiServer]):
    # Together they exceed the budget.
    server = serve(max_import_chars=MEGABYTE, max_upload_bytes=6 * MEGABYTE, max_file_bytes=MEGABYTE)
    archive = json.dumps({"format": "chat", "version": 1, "conversations": []}) + " " * 900_000
    statuses: list[int] = []

    def send() -> None:
        headers = {**JSON, "Cookie": new_cookie()}
        statuses.append(httpx.post(f"{server.url}/archive", content=archive, headers=headers, timeout=60).status_code)

    senders = [threading.Thread(target=send) for _ in range(12)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert statuses == [200] * 12
