"""A reader of one answer, which reconnects as an ``EventSource`` does, to whichever worker is next."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any
from urllib.parse import urlencode

from tests.faults.model import answer, question

RETRY = 0.5
"""Seconds before a reader connects again; browsers wait a few."""


class Gone(Exception):
    """The server says that there is nothing more to read: an ``EventSource`` gives up."""


class Refused(Exception):
    """The server answers with a status that tells a client to try again."""


@dataclass(frozen=True)
class Question:
    """A question.

    Attributes:
        answer_id: The answer's id and idempotency key.
        count: The number of words in its answer.
        conversation_id: Where it is asked; empty for an answer that isn't stored.
    """

    name: str
    answer_id: str
    count: int
    conversation_id: str

    @property
    def path(self) -> str:
        """The path and query of its GET."""
        fields = {"message": question(self.name, self.count), "id": self.answer_id}
        where = {"conversation_id": self.conversation_id} if self.conversation_id else {}
        return f"/stream?{urlencode(fields | where)}"

    @property
    def answer(self) -> str:
        """Its whole answer."""
        return answer(self.name, self.count)


@dataclass
class Reader:
    """A reader.

    Args:
        ports: Of the workers, in the order in which they are tried.
        cookie: Of the visitor that asks.
        late: Reads an answer that somebody else has asked for.

    Attributes:
        text: The chunks, joined.
        status: The status of the end; empty before it.
        began: When it began, in the event loop's time.
        moments: When frames of the answer came.
        errors: How often it was told each error other than the answer's own.
        started: Set with the first frame.
    """

    question: Question
    ports: list[int]
    cookie: str
    late: bool = False
    text: str = ""
    status: str = ""
    began: float = 0.0
    moments: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    started: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._last_id = f"{self.question.answer_id}:0.0" if self.late else ""

    async def run(self, *, forget_after: int = 0) -> None:
        """Read to the end.

        Args:
            forget_after: Break off after so many frames, and ask once more as if nothing had come.
        """
        self.began = asyncio.get_running_loop().time()
        ports = cycle(self.ports)
        if forget_after:
            await self._connect(next(ports), limit=forget_after)
            self.text, self._last_id = "", ""
        while not self.status:
            await self._connect(next(ports))
            if not self.status:
                await asyncio.sleep(RETRY)

    async def _connect(self, port: int, limit: int = 0) -> None:
        try:
            async with aclosing(_frames(port, self.question.path, self._headers())) as frames:
                async for event_id, data in frames:
                    self._take(event_id, data)
                    limit -= 1
                    if self.status or limit == 0:
                        return
        except Gone:
            self.status = "gone"
        except Refused as refused:
            self.errors[str(refused)] += 1
        except (OSError, EOFError):
            self.errors["connection"] += 1

    def _headers(self) -> Iterator[str]:
        yield f"Cookie: {self.cookie}"
        if self._last_id:
            yield f"Last-Event-ID: {self._last_id}"

    def _take(self, event_id: str, data: dict[str, Any]) -> None:
        # Errors before the answer, or instead of going on with it, have no id or another answer's.
        is_own = event_id.startswith(f"{self.question.answer_id}:")
        if is_own:
            self._last_id = event_id
            self.moments.append(asyncio.get_running_loop().time())
            self.started.set()
        self.text += data.get("chunk", "")
        if "error" in data and not is_own:
            self.errors[data["error"]["code"]] += 1
        if data.get("done") and is_own:
            self.status = data["status"]


async def _frames(port: int, path: str, headers: Iterator[str]) -> AsyncGenerator[tuple[str, dict[str, Any]], None]:
    """Get a stream; yields the id and data of each frame.

    Raises:
        OSError: The connection breaks, or there is none.
        EOFError: The response ends before it begins.
        Gone, Refused: It isn't a stream.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", *headers, "Connection: close"]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        status = head.split(" ", 2)[1]
        if status == "204":
            raise Gone
        if status != "200":
            raise Refused(f"status {status}")
        event_id, data = "", ""
        while (line := await reader.readline()).endswith(b"\n"):
            # The body's lines are never cut by those of its transfer encoding, as the server sends whole frames.
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name == "id":
                event_id = value
            elif name == "data":
                data = value
            elif not name and data:
                yield event_id, json.loads(data)
                event_id, data = "", ""
    finally:
        writer.transport.abort()
