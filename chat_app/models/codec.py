"""JSON encoding of parts, for the database, archives and the wire.

    {"kind": "text", "text": "Hello"}
    {"kind": "tool_call", "call_id": "c1", "tool": "clock", "arguments": "{}", "title": "", "approval": "not_needed"}

The fields are those of the classes in ``chat_app.models.parts``. Fields with their default value are omitted.
"""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

from pydantic import TypeAdapter

from chat_app.models.parts import Data, File, Part, Reasoning, Source, Text, ToolCall, ToolResult, Unknown

_CLASSES: dict[str, type[Any]] = {
    "text": Text,
    "reasoning": Reasoning,
    "tool_call": ToolCall,
    "tool_result": ToolResult,
    "file": File,
    "source": Source,
    "data": Data,
}
_KINDS = {part_class: kind for kind, part_class in _CLASSES.items()}
_ADAPTERS: dict[str, TypeAdapter[Any]] = {kind: TypeAdapter(part_class) for kind, part_class in _CLASSES.items()}


def kind_of(part: Part) -> str:
    """Return the name of the part's kind, as in ``"kind"`` of its JSON."""
    return part.kind if isinstance(part, Unknown) else _KINDS[type(part)]


def to_json(part: Part) -> dict[str, Any]:
    """Encode ``part`` as a JSON object, without the fields that have their default value."""
    if isinstance(part, Unknown):
        return {**part.data, "kind": part.kind}
    values = {field.name: getattr(part, field.name) for field in fields(part)}
    defaults = {field.name: field.default for field in fields(part) if field.default is not MISSING}
    kept = {name: value for name, value in values.items() if name not in defaults or value != defaults[name]}
    # A decoder returns lists: the same value before and after a round trip.
    listed = {name: list(value) if isinstance(value, tuple) else value for name, value in kept.items()}
    return {"kind": _KINDS[type(part)], **listed}


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
