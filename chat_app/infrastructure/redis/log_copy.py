"""Copies of answer logs in this process's memory, and the encoding of the entries in their Redis streams.

An entry's id is the number of its last event, so that sending an entry twice adds it once. Its field has the events and
the cursor before them: {"events": '{"after": [0, 12], "events": [["grew", 0, {"kind": "text", "text": "Hi"}]]}'}.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from chat_app.infrastructure.redis import names
from chat_app.models.codec import event_from_json, event_to_json
from chat_app.models.events import START, AnswerEvent, Cursor, Done, Entry, PartGrew, advance, rest_of
from chat_app.models.parts import Text
from chat_app.models.principal import Principal

_to_json = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(slots=True)
class Copy:
    """A log in this process's memory.

    Attributes:
        visible: The number of entries that Redis has acknowledged.
        is_closed: No more entries will come.
        changed: Set and cleared at each change of the other attributes.
    """

    owner: Principal
    entries: list[Entry] = field(default_factory=list)
    visible: int = 0
    is_closed: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def cursor(self) -> Cursor:
        """The position after the last entry."""
        return self.entries[-1].cursor if self.entries else START

    @property
    def has_ended(self) -> bool:
        """True if the last visible entry is ``Done``."""
        return bool(self.visible) and isinstance(self.entries[self.visible - 1].event, Done)

    def wake(self) -> None:
        """Wake the readers that wait now; later ones wait for the next change."""
        self.changed.set()
        self.changed.clear()

    def take(self, _: str, fields: dict[str, str]) -> None:
        """Add an entry that the feed delivers. One that can't be read closes the copy, so that no reader waits on.

        Raises:
            KeyError, ValueError: It can't be read.
        """
        try:
            self.add(fields)
        except Exception:
            self.is_closed = True
            self.wake()
            raise

    def add(self, fields: dict[str, str]) -> None:
        """Add the events of an entry of the stream, except for those that are here already.

        Events of a newer version, as during an update, are left out.
        """
        entry = json.loads(fields.get("events") or fields["done"])
        cursor, read = Cursor(*entry["after"]), self.cursor
        for event in filter(None, map(event_from_json, entry["events"])):
            cursor = advance(cursor, event)
            if cursor > read:
                self.entries.append(rest_of(Entry(cursor, event), read))
        self.visible = len(self.entries)
        self.wake()


@dataclass(slots=True)
class WrittenCopy(Copy):
    """A log that this process writes.

    Attributes:
        answer_id: The answer's id.
        before: The number of events in Redis that aren't here.
        in_flight: The batch being sent, kept until Redis has acknowledged it, for a retry; ``None`` without one.
        stop: Set by a request to stop.
        head: The fields for ``append.lua`` ahead of each batch: the keys of lease, stream and owner, the id, the owner.
    """

    answer_id: str = ""
    before: int = 0
    in_flight: "Batch | None" = None
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    head: str = field(init=False)

    def __post_init__(self) -> None:
        keys = names.lease(self.answer_id), names.log(self.answer_id), names.owner(self.answer_id)
        self.head = " ".join((*keys, self.answer_id, json.dumps(self.owner.key).replace(" ", r"\u0020")))

    @property
    def last(self) -> int:
        """The number of the last event."""
        return self.before + len(self.entries)

    def next_batch(self) -> "Batch":
        """Return the next batch to send: the one in flight again, or all entries that Redis hasn't acknowledged."""
        if self.in_flight is None:
            self.in_flight = self.batch(self.visible, self.before + self.visible + 1)
        return self.in_flight

    def batch(self, start: int, first: int) -> "Batch":
        """Gather the entries from index ``start`` on, whose first event gets the number ``first``."""
        after = self.entries[start - 1].cursor if start else START
        events = [entry.event for entry in self.entries[start:]]
        return Batch(first, self.last, len(self.entries), _encode(after, events), isinstance(events[-1], Done))


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries that are sent together.

    Attributes:
        first: The number of the first event.
        last: The number of the last event.
        end: The index after the last entry.
        is_last: It has the log's last event.
    """

    first: int
    last: int
    end: int
    payload: str
    is_last: bool


def _encode(after: Cursor, events: Sequence[AnswerEvent]) -> str:
    # ASCII: a lone surrogate from a model can't be sent as UTF-8.
    return f'{{"after":{_to_json(after)},"events":[{",".join(map(_encode_event, events))}]}}'


def _encode_event(event: AnswerEvent) -> str:
    # Fast path: nearly all events are text.
    if isinstance(event, PartGrew) and isinstance(event.piece, Text) and not event.piece.continues:
        return f'["grew",{event.index},{{"kind":"text","text":{_to_json(event.piece.text)}}}]'
    return _to_json(event_to_json(event))
