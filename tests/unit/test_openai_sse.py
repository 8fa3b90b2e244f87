"""Decoding of server-sent events, whatever the boundaries of the pieces received."""

import pytest

from chat_app.infrastructure.openai.sse import EventDecoder, ServerSentEvent


def decode(stream: bytes, size: int) -> list[ServerSentEvent]:
    """The events of ``stream`` when it arrives in pieces of ``size`` bytes."""
    decoder = EventDecoder()
    pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
    return [*(event for piece in pieces for event in decoder.feed(piece)), *decoder.end()]


def data(text: str) -> ServerSentEvent:
    return ServerSentEvent("", text)


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        ("", []),
        ("data: Hi\n\n", [data("Hi")]),
        ("data:Hi\n\n", [data("Hi")]),
        ("data:  Hi \n\n", [data(" Hi ")]),
        ("data: one\ndata: two\n\n", [data("one\ntwo")]),
        ("data: one\n\ndata: two\n\n", [data("one"), data("two")]),
        ("data\n\n", [data("")]),
        ("data: a: b\n\n", [data("a: b")]),
        ("event: ping\n\ndata: Hi\n\n", [data("Hi")]),
        ("event: note\ndata: Hi\n\ndata: Ho\n\n", [ServerSentEvent("note", "Hi"), data("Ho")]),
        ("event:\ndata: Hi\n\n", [data("Hi")]),
        (": comment\nid: 1\nretry: 5\nunknown: 7\ndata: Hi\n\n", [data("Hi")]),
        ("\n\n\ndata: Hi\n\n\n\n", [data("Hi")]),
        ("data: Hi\r\rdata: Ho\r\n\r\n", [data("Hi"), data("Ho")]),
        ("data: Hi\r\n\rdata: Ho\n\r\n", [data("Hi"), data("Ho")]),
        ("data: Hi\n", [data("Hi")]),
        ("data: Hi\n\ndata: cut of", [data("Hi"), ServerSentEvent("", "cut of", is_whole=False)]),
        ("data: one\ndata: two", [ServerSentEvent("", "one\ntwo", is_whole=False)]),
        ("data: Hi\r", [data("Hi")]),
        ("data: 안녕 😀\n\n", [data("안녕 😀")]),
        ("data: a\u2028b\x85c\x0bd\n\n", [data("a\u2028b\x85c\x0bd")]),
        ("\ufeffdata: Hi\n\n", [data("Hi")]),
        ("error: down\n\n", [ServerSentEvent("error", "down")]),
        ('{"a":\n\n 1}', [data('{"a":\n\n 1}')]),
        ('\n {"a": 1}\n', [data(' {"a": 1}\n')]),
        ('data: Hi\n\n{"a": 1}', [data("Hi"), data('{"a": 1}')]),
        ('data: Hi\n{"a":\r\n\r\n1}\r\n', [data("Hi"), data('{"a":\n\n1}\n')]),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_events_are_what_the_format_says(stream: str, events: list[ServerSentEvent], size: int):
    assert decode(stream.encode(), size) == events


def test_bytes_that_are_no_utf8_are_replaced():
    assert decode(b"data: a\xffb\n\n", 1) == [data("a\ufffdb")]


def test_an_event_is_there_as_soon_as_it_is_complete():
    decoder = EventDecoder()
    assert list(decoder.feed(b"data: one\n\ndata: tw")) == [data("one")]
    assert list(decoder.feed(b"o\n")) == []
    assert list(decoder.feed(b"\n")) == [data("two")]
    assert list(decoder.end()) == []
