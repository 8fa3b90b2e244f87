"""The form of ``/stream``'s responses, where a real server would take too long to show it."""

import asyncio
from collections.abc import AsyncGenerator, Callable

import pytest
from starlette.types import Message

from chat_app.api.stream.sse import Lengths, event_id, event_stream, parse_event_id
from chat_app.models.errors import NotFound, SharedStateUnavailable
from chat_app.models.events import END, FAILED, WHOLE, Cursor, Done, Entry, PartEnded, PartStarted
from chat_app.models.message import Outcome, Status
from chat_app.models.parts import Reasoning, Text, ToolCall
from chat_app.texts import CATALOGUES
from tests.messages import entries

SCOPE = {"type": "http", "method": "GET"}
TEXTS = CATALOGUES["en"]
DONE = Entry(END, Done(Outcome(Status.COMPLETE, "stop")))
HELLO = Entry(Cursor(0, 5), PartStarted(0, Text("Hello")))


async def stay_connected() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


class Reader:
    """A stand-in for the server's ``send``.

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
    assert event_id == "id: a:end"
    assert data.startswith('data: {"done": true')
    assert "\n\n" not in rest


async def test_a_reader_that_leaves_is_let_go():
    closed = asyncio.Event()
    reader = Reader()

    async def batches() -> AsyncGenerator[list[Entry], None]:
        try:
            yield [HELLO]
            await asyncio.Event().wait()
        finally:
            closed.set()

    async def leave() -> Message:
        await reader.until(lambda received: b"Hello" in received)
        return {"type": "http.disconnect"}

    await event_stream("a", batches(), TEXTS)(SCOPE, leave, reader.send)
    assert closed.is_set()


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (OSError("secret detail"), "internal"),
        (SharedStateUnavailable("secret detail"), "storage"),
        (NotFound("secret detail"), "interrupted"),
    ],
)
async def test_a_log_that_breaks_ends_with_an_error_after_which_one_can_come_back(raised: Exception, code: str):
    reader = Reader()

    async def batches() -> AsyncGenerator[list[Entry], None]:
        yield [HELLO]
        raise raised

    await event_stream("a", batches(), TEXTS)(SCOPE, stay_connected, reader.send)
    chunk, error, done, rest = reader.received.decode().split("\n\n")
    assert chunk == 'id: a:0.5\ndata: {"chunk": "Hello"}'
    assert error.startswith(f'data: {{"error": {{"code": "{code}"')
    assert "secret" not in error
    assert done.startswith('data: {"done": true, "id": "a", "status": "failed"')
    assert rest == ""


@pytest.mark.parametrize("cursor", [Cursor(0, 5), Cursor(12, 345), Cursor(2, WHOLE), FAILED, END])
def test_the_id_of_a_frame_leads_back_to_its_place(cursor: Cursor):
    assert parse_event_id(event_id("an-answer", cursor)) == ("an-answer", cursor)


def test_frame_ids_read_as_documented():
    ids = [event_id("a", cursor) for cursor in (Cursor(2, 118), Cursor(2, WHOLE), FAILED, END)]
    assert ids == ["a:2.118", "a:2.end", "a:failed", "a:end"]


@pytest.mark.parametrize(
    ("position", "place"),
    [(0, Lengths(0, 0)), (3, Lengths(0, 3)), (2**20 * 6 + 3, Lengths(6, 3)), (2**53 - 2, FAILED), (2**53 - 1, END)],
)
def test_ids_from_before_answers_had_parts_are_understood(position: int, place: Cursor | Lengths):
    assert parse_event_id(f"a:{position}") == ("a", place)


async def test_parts_and_reasoning_are_sent_to_readers_that_want_them():
    call, note = ToolCall("c", "clock", "{}"), Reasoning("Hm.")
    said = entries(
        PartStarted(0, note), PartEnded(0, note), PartEnded(1, call), PartStarted(2, Text("Noon.")), DONE.event
    )

    async def batches() -> AsyncGenerator[list[Entry], None]:
        yield said

    async def read(**wanted: bool) -> list[str]:
        reader = Reader()
        await event_stream("a", batches(), TEXTS, **wanted)(SCOPE, stay_connected, reader.send)
        return reader.received.decode().split("\n\n")[:-2]

    text = 'id: a:2.5\ndata: {"chunk": "Noon."}'
    reasoning = 'id: a:0.3\ndata: {"reasoning": "Hm."}'
    part = 'id: a:1.end\ndata: {"part": {"kind": "tool_call", "call_id": "c", "tool": "clock", "arguments": "{}"}}'
    assert await read() == [text]
    assert await read(with_reasoning=True, with_parts=True) == [reasoning, part, text]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a:",
        ":1",
        "a:b",
        "a:-1",
        "a:1 ",
        "a:1\n",
        "a:١",
        f"a:{'9' * 17}",
        "a b:1",
        "a:1.",
        "a:.1",
        "a:1.2.3",
        "a:1.x",
    ],
)
def test_a_malformed_frame_id_is_not_found(text: str):
    with pytest.raises(NotFound):
        parse_event_id(text)
