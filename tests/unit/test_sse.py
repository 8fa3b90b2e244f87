"""The form of ``/stream``'s responses, where a real server would take too long to show it."""

import asyncio
from collections.abc import AsyncGenerator, Callable

import pytest
from starlette.types import Message

from chat_app.api.sse import event_stream, parse_event_id
from chat_app.models.errors import NotFound
from chat_app.models.events import END, Chunk, Done, Entry, Finish
from chat_app.models.message import Status
from chat_app.texts import CATALOGUES

SCOPE = {"type": "http", "method": "GET"}
TEXTS = CATALOGUES["en"]
DONE = Entry(END, Done(Status.COMPLETE, Finish("stop")))


async def stay_connected() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


class Reader:
    """Takes what is sent, as a server's ``send``.

    Attributes:
        received: The body so far.
    """

    def __init__(self) -> None:
        self.received = b""
        self._changed = asyncio.Event()

    async def send(self, message: Message) -> None:
        self.received += message.get("body", b"")
        self._changed.set()

    async def until(self, condition: Callable[[bytes], bool]) -> None:
        async with asyncio.timeout(5):
            while not condition(self.received):
                self._changed.clear()
                await self._changed.wait()


async def test_a_sign_of_life_is_part_of_the_next_frame():
    reader = Reader()

    async def batches() -> AsyncGenerator[list[Entry], None]:
        await reader.until(lambda received: received.count(b": ping\n") >= 2)
        yield [DONE]

    response = event_stream("a", batches(), TEXTS)
    response.ping_interval = 0.01
    await response(SCOPE, stay_connected, reader.send)
    frame, rest = reader.received.decode().split("\n\n", 1)
    *pings, event_id, data = frame.split("\n")
    assert set(pings) == {": ping"}
    assert event_id == f"id: a:{END}"
    assert data.startswith('data: {"done": true')
    assert "\n\n" not in rest


async def test_a_reader_that_leaves_is_let_go():
    closed = asyncio.Event()
    reader = Reader()

    async def batches() -> AsyncGenerator[list[Entry], None]:
        try:
            yield [Entry(1, Chunk("Hello"))]
            await asyncio.Event().wait()
        finally:
            closed.set()

    async def leave() -> Message:
        await reader.until(lambda received: b"Hello" in received)
        return {"type": "http.disconnect"}

    await event_stream("a", batches(), TEXTS)(SCOPE, leave, reader.send)
    assert closed.is_set()


async def test_a_log_that_breaks_ends_with_an_error_after_which_one_can_come_back():
    reader = Reader()

    async def batches() -> AsyncGenerator[list[Entry], None]:
        yield [Entry(1, Chunk("Hello"))]
        raise OSError("secret detail")

    await event_stream("a", batches(), TEXTS)(SCOPE, stay_connected, reader.send)
    chunk, error, done, rest = reader.received.decode().split("\n\n")
    assert chunk == 'id: a:1\ndata: {"chunk": "Hello"}'
    assert error.startswith('data: {"error": {"code": "internal"')
    assert done.startswith('data: {"done": true, "id": "a", "status": "failed"')
    assert rest == ""


def test_the_id_of_a_frame_leads_back_to_its_place():
    assert parse_event_id(f"an-answer:{END}") == ("an-answer", END)


@pytest.mark.parametrize(
    "event_id", ["", "a", "a:", ":1", "a:b", "a:-1", "a:1 ", "a:1\n", "a:١", f"a:{'9' * 17}", "a b:1"]
)
def test_anything_else_is_no_id_of_a_frame(event_id: str):
    with pytest.raises(NotFound):
        parse_event_id(event_id)
