"""A model whose answers are known beforehand: the numbered words that a question asks for, at a steady pace."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Self

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


def question(name: str, count: int) -> str:
    """The question for ``count`` words."""
    return f"{name} {count}"


def answer(name: str, count: int) -> str:
    """The whole answer to it. Each word has its place in the answer."""
    return "".join(_words(name, count))


class CountingModel:
    """An OpenAI-compatible server in the current event loop.

    Args:
        pace: Seconds between words.

    Attributes:
        calls: How often each question has been asked, by its name.
    """

    def __init__(self, pace: float = 0.1) -> None:
        self.calls = Counter[str]()
        self._pace = pace
        self._answering: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._answering:
            task.cancel()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                name, count = (await _last_message(reader)).split()
                self.calls[name] += 1
                await self._answer(writer, name, int(count))
        finally:
            writer.close()

    async def _answer(self, writer: asyncio.StreamWriter, name: str, count: int) -> None:
        now = asyncio.get_running_loop().time
        began = now()
        writer.write(_HEAD + _event({"role": "assistant"}))
        for number, word in enumerate(_words(name, count), 1):
            # A schedule, so that writing takes nothing off the pace.
            await asyncio.sleep(began + number * self._pace - now())
            writer.write(_event({"content": word}))
            await writer.drain()
        writer.write(_event({}, "stop") + b"data: [DONE]\n\n")
        await writer.drain()


async def _last_message(reader: asyncio.StreamReader) -> str:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
    return json.loads(await reader.readexactly(length))["messages"][-1]["content"]


def _event(delta: dict[str, str], finish: str | None = None) -> bytes:
    choice: dict[str, Any] = {"index": 0, "delta": delta, "finish_reason": finish}
    data = {"id": "c1", "object": "chat.completion.chunk", "model": "counting", "choices": [choice]}
    return f"data: {json.dumps(data)}\n\n".encode()


def _words(name: str, count: int) -> Iterator[str]:
    for number in range(count):
        yield f"{name}-{number} "
