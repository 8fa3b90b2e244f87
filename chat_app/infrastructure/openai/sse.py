"""Server-sent events as OpenAI-compatible servers send them.

The format is https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream, read with
allowances for real servers: a field ``error``, a missing empty line or line end at the end, and a JSON document
in place of a stream.
"""

import re
from codecs import getincrementaldecoder
from typing import NamedTuple

from chat_app.models.errors import UpstreamFailed

# A carriage return in the last place may be the first half of CRLF, so it has to wait for what follows.
_LINE_END = re.compile(r"\r\n|\n|\r(?!\Z)")


class ServerSentEvent(NamedTuple):
    """An event; ``name`` is empty if the server sent none.

    Attributes:
        is_whole: Whether its last line had an end. Without one, the connection may have broken within it.
    """

    name: str
    data: str
    is_whole: bool = True


class EventDecoder:
    """Incremental decoder of one response's bytes to events.

    Args:
        max_chars: Maximum length of an event, a line or a JSON document.
    """

    def __init__(self, *, max_chars: int = 2 * 1024 * 1024) -> None:
        self._max_chars = max_chars
        self._utf8 = getincrementaldecoder("utf-8-sig")("replace")
        self._rest: list[str] = []
        self._rest_chars = 0
        self._name = ""
        self._data: list[str] = []
        self._data_chars = 0
        self._in_document = False

    def feed(self, piece: bytes) -> list[ServerSentEvent]:
        """Return the events that ``piece`` completes.

        Raises:
            UpstreamFailed: An event gets too long.
        """
        text = self._utf8.decode(piece)
        if not ("\n" in text or "\r" in text or (self._rest and self._rest[-1].endswith("\r"))):
            self._keep(text)
            return []
        # Joined only when a line is complete: joining with each piece would take quadratic time for a long line.
        text = "".join([*self._rest, text])
        # Most servers end lines with a line feed alone, and that is found six times as fast.
        *lines, rest = _LINE_END.split(text) if "\r" in text else text.split("\n")
        self._rest, self._rest_chars = [], 0
        self._keep(rest)
        return [event for line in lines if (event := self._read(line))]

    def end(self) -> list[ServerSentEvent]:
        """Return the events that the end of the response completes."""
        rest = "".join(self._rest)
        read = self._read(rest.removesuffix("\r")) if rest or self._in_document else None
        is_whole = self._in_document or not rest or rest.endswith("\r")
        last = self._dispatch()
        return [event for event in (read, last and last._replace(is_whole=is_whole)) if event]

    def _keep(self, text: str) -> None:
        """Keep an incomplete line."""
        if text:
            self._rest.append(text)
            self._rest_chars += len(text)
            self._ensure_short()

    def _add_data(self, data: str) -> None:
        """Add a line to the data of the current event."""
        self._data.append(data)
        self._data_chars += len(data) + 1
        self._ensure_short()

    def _ensure_short(self) -> None:
        if self._rest_chars + self._data_chars > self._max_chars:
            raise UpstreamFailed(f"an event of more than {self._max_chars} characters")

    def _read(self, line: str) -> ServerSentEvent | None:
        """Return the event that ``line`` completes, or ``None``."""
        if self._in_document:
            self._add_data(line)
        elif not line:
            return self._dispatch()
        elif _begins_document(line):
            ended = self._dispatch()
            self._in_document = True
            self._add_data(line)
            return ended
        else:
            self._read_field(line)
        return None

    def _read_field(self, line: str) -> None:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            self._add_data(value)
        elif field == "event":
            self._name = value
        elif field == "error":
            self._name = field
            self._add_data(value)

    def _dispatch(self) -> ServerSentEvent | None:
        event = ServerSentEvent(self._name, "\n".join(self._data)) if self._data else None
        self._name, self._data, self._data_chars = "", [], 0
        return event


def _begins_document(line: str) -> bool:
    # No field's name starts with a brace: this is JSON, up to the end of the response.
    return line.lstrip().startswith("{")
