"""JSON encoding of parts, for the database, archives and the wire, and of events, for logs outside this process.

    {"kind": "text", "text": "Hello"}
    {"kind": "tool_call", "call_id": "c1", "tool": "clock", "arguments": "{}", "title": "", "approval": "not_needed"}

The fields are those of the classes in ``chat_app.models.parts``. Fields with their default value are omitted. An event
is an array of its name and its fields:

    ["grew", 0, {"kind": "text", "text": "Hello"}]
    ["done", {"outcome": {"status": "complete", …}, "stored": true}]
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from pydantic import TypeAdapter, ValidationError

from chat_app.models.events import (
    AnswerEvent,
    Done,
    Failure,
    PartEnded,
    PartGrew,
    PartStarted,
    StepEnded,
)
from chat_app.models.parts import Data, File, Part, Reasoning, Source, Text, ToolCall, ToolResult, Unknown
from chat_app.models.text import encodable

_CLASSES: dict[str, type[Any]] = {
    "text": Text,
    "reasoning": Reasoning,
    "tool_call": ToolCall,
    "tool_result": ToolResult,
    "file": File,
    "source": Source,
    "data": Data,
}
# The default of each field, or ``dataclasses.MISSING``, which equals no value.
_DEFAULTS = {
    part_class: {field.name: field.default for field in fields(part_class)} for part_class in _CLASSES.values()
}
_KINDS = {part_class: kind for kind, part_class in _CLASSES.items()}
_PART_EVENTS: dict[str, type[Any]] = {"started": PartStarted, "grew": PartGrew, "ended": PartEnded}
_EVENTS_WITHOUT_PART: dict[str, TypeAdapter[Any]] = {
    "step": TypeAdapter(StepEnded),
    "failure": TypeAdapter(Failure),
    "done": TypeAdapter(Done),
}
_EVENT_NAMES: dict[type[Any], str] = {
    PartStarted: "started",
    PartGrew: "grew",
    PartEnded: "ended",
    StepEnded: "step",
    Failure: "failure",
    Done: "done",
}
_ADAPTERS: dict[str, TypeAdapter[Any]] = {kind: TypeAdapter(part_class) for kind, part_class in _CLASSES.items()}


def kind_of(part: Part) -> str:
    """Return the name of the part's kind, as in ``"kind"`` of its JSON."""
    return part.kind if isinstance(part, Unknown) else _KINDS[type(part)]


def to_json(part: Part) -> dict[str, Any]:
    """Encode ``part`` as a JSON object, without the fields that have their default value."""
    if isinstance(part, Unknown):
        return {**part.data, "kind": part.kind}
    encoded: dict[str, Any] = {"kind": _KINDS[type(part)]}
    for name, default in _DEFAULTS[type(part)].items():
        value = getattr(part, name)
        if value != default:
            # A decoder returns lists: the same value before and after a round trip.
            encoded[name] = list(value) if isinstance(value, tuple) else value
    return encoded


def from_json(value: Mapping[str, Any]) -> Part:
    """Decode a part.

    Returns:
        The part; ``Unknown`` if its kind or one of its fields was added by a newer version.

    Raises:
        ValueError: ``value`` has no kind, or a field of the wrong type.
    """
    data = {name: field for name, field in value.items() if name != "kind"}
    kind = value.get("kind")
    if not isinstance(kind, str) or not kind:
        raise ValueError("a part without a kind")
    if kind not in _ADAPTERS or not data.keys() <= {field.name for field in fields(_CLASSES[kind])}:
        return Unknown(kind, data)
    return _ADAPTERS[kind].validate_python(data)  # raises ValidationError, a ValueError


def checked(part: object) -> Part:
    """Check a part from code outside the app's control, which may be anything.

    Returns:
        The part as it is read back from its JSON, with text that can be encoded.

    Raises:
        TypeError: It isn't a part, or a value isn't JSON.
        ValueError: A field has a wrong type, or a number isn't JSON.
    """
    if not isinstance(part, Part):
        raise TypeError(f"{type(part).__name__} is no part of an answer")
    encoded = json.dumps(to_json(part), allow_nan=False, ensure_ascii=False)
    try:
        return from_json(json.loads(encodable(encoded)))
    except ValidationError as error:
        raise _without_input(part, error) from None


def checked_step(step: StepEnded) -> StepEnded:
    """Check the end of a step from code outside the app's control.

    Raises:
        ValueError: A field has a wrong type.
    """
    try:
        checked_fields: StepEnded = _EVENTS_WITHOUT_PART["step"].validate_python(asdict(step))
    except ValidationError as error:
        raise _without_input(step, error) from None
    return checked_fields


def _without_input(value: Part | StepEnded, error: ValidationError) -> ValueError:
    """Return the error without the wrong value: errors are logged, and content must not be."""
    problem = error.errors(include_url=False, include_input=False, include_context=False)[0]
    return ValueError(f"{type(value).__name__}.{'.'.join(map(str, problem['loc']))}: {problem['msg']}")


def event_to_json(event: AnswerEvent) -> list[Any]:
    """Encode an event as a JSON array: its name, then the index and JSON object of its part, or its fields."""
    name = _EVENT_NAMES[type(event)]
    match event:
        case PartStarted(index, part) | PartGrew(index, part) | PartEnded(index, part):
            return [name, index, to_json(part)]
        case _:
            return [name, _EVENTS_WITHOUT_PART[name].dump_python(event, mode="json")]


def event_from_json(value: Sequence[Any]) -> AnswerEvent | None:
    """Decode an event.

    Returns:
        The event; ``None`` if its name was added by a newer version.

    Raises:
        ValueError: ``value`` doesn't have the form that ``event_to_json`` returns.
    """
    match value:
        case [str(name), int(index), Mapping() as part] if name in _PART_EVENTS:
            return _PART_EVENTS[name](index, from_json(part))
        case [str(name), Mapping() as fields_] if name in _EVENTS_WITHOUT_PART:
            return _EVENTS_WITHOUT_PART[name].validate_python(fields_)
        case [str(name), *_] if name not in _PART_EVENTS and name not in _EVENTS_WITHOUT_PART:
            return None
    raise ValueError("not an event")  # without the value: errors are logged, and content must not be
