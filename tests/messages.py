"""Builders of messages, events and log entries for tests."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import accumulate
from typing import Any

from chat_app.models.content import Content
from chat_app.models.events import START, AnswerEvent, Entry, PartGrew, PartStarted, advance
from chat_app.models.message import Message, Outcome, Role, Status, Usage
from chat_app.models.parts import Part, Reasoning, Text, reasoning_of


def user_message(text: str = "Hi", *, conversation_id: str = "c", **fields: Any) -> Message:
    """A question."""
    parts = (Text(text),) if text else ()
    return Message(conversation_id=conversation_id, role=Role.USER, parts=parts, **fields)


def assistant_message(
    text: str = "",
    reasoning: str = "",
    *,
    conversation_id: str = "c",
    status: Status = Status.COMPLETE,
    finish: str = "",
    model: str = "",
    usage: Usage | None = None,
    error_code: str = "",
    duration: float | None = None,
    seconds: float | None = None,
    **fields: Any,
) -> Message:
    """An answer: its reasoning, which took ``seconds``, and its text, each if not empty."""
    parts: tuple[Part, ...] = (Reasoning(reasoning, seconds), Text(text))
    return Message(
        conversation_id=conversation_id,
        role=Role.ASSISTANT,
        parts=tuple(part for part in parts if part.text),
        outcome=Outcome(status, finish, model, usage, error_code, duration),
        **fields,
    )


def events(*pieces: Part, begun: Content | None = None) -> list[AnswerEvent]:
    """The events of a model's pieces, as the log of an answer has them; the last part is still open."""
    content, written = Content() if begun is None else begun, list[AnswerEvent]()
    for piece in pieces:
        for event in content.write(piece):
            content.apply(event)
            written.append(event)
    return written


def entries(*logged: AnswerEvent) -> list[Entry]:
    """The entries that a log has of these events."""
    cursors = list(accumulate(logged, advance, initial=START))[1:]
    return [Entry(cursor, event) for cursor, event in zip(cursors, logged, strict=True)]


def text_in(read: Iterable[Entry]) -> str:
    """The text that a reader has of these entries."""
    return _growth_in(read, Text)


def reasoning_in(read: Iterable[Entry]) -> str:
    """The reasoning that a reader has of these entries."""
    return _growth_in(read, Reasoning)


def _growth_in(read: Iterable[Entry], kind: type[Text] | type[Reasoning]) -> str:
    pieces: list[str] = []
    for entry in read:
        match entry.event:
            case PartStarted(part=piece) | PartGrew(piece=piece) if isinstance(piece, kind):
                pieces.append(piece.text)
    return "".join(pieces)


def changed(message: Message, **fields: Any) -> Message:
    """``message`` with some fields of ``user_message`` or ``assistant_message`` changed."""
    if message.outcome is None and not fields.keys() & {"role", *_OUTCOME_FIELDS}:
        text = fields.pop("text", message.text)
        return replace(message, parts=(Text(text),) if text else (), **fields)
    outcome = message.outcome or Outcome(Status.COMPLETE)
    fields.setdefault("role", Role.ASSISTANT)
    chosen = {name: fields.pop(name) for name in _OUTCOME_FIELDS if name in fields}
    texts = {"reasoning": reasoning_of(message.parts), "text": message.text}
    texts |= {name: fields.pop(name) for name in texts if name in fields}
    parts = (Reasoning(texts["reasoning"]), Text(texts["text"]))
    kept = tuple(part for part in parts if part.text)
    return replace(message, parts=kept, outcome=replace(outcome, **chosen), **fields)


_OUTCOME_FIELDS = ("status", "finish", "model", "usage", "error_code", "duration")
