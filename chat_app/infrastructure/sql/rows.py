"""Mapping between rows and conversations or messages; columns have the names of the fields."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import RowMapping

from chat_app.models.codec import from_json, kind_of, to_json
from chat_app.models.conversation import DEFAULT_SETTINGS, Conversation, ConversationSettings
from chat_app.models.message import Message, Outcome, Rating, Role, Status, Usage
from chat_app.models.parts import Part

Values = dict[str, Any]

CONVERSATION_FIELDS = [field.name for field in fields(Conversation) if field.name != "settings"]
_SETTINGS = [field.name for field in fields(ConversationSettings)]
_TOKENS = [field.name for field in fields(Usage)]
_OF_ANY_MESSAGE = ("id", "conversation_id", "parent_id", "author_id", "role", "rating", "comment", "created_at")


def conversation_values(conversation: Conversation) -> Values:
    values = {name: getattr(conversation, name) for name in CONVERSATION_FIELDS}
    return {**values, "settings": settings_to_json(conversation.settings)}


def conversation_from(row: RowMapping) -> Conversation:
    settings = json.loads(row["settings"] or "{}")
    # A newer version may have stored more.
    known = ConversationSettings(**{name: settings[name] for name in _SETTINGS if name in settings})
    return Conversation(**{name: row[name] for name in CONVERSATION_FIELDS}, settings=known)


def settings_to_json(settings: ConversationSettings) -> str:
    """Encode the settings that differ from the default, empty without any."""
    chosen = {name: value for name, value in asdict(settings).items() if value != getattr(DEFAULT_SETTINGS, name)}
    return json.dumps(chosen, ensure_ascii=False) if chosen else ""


def message_values(message: Message) -> Values:
    """Return the row of a message, without its parts."""
    values = {name: getattr(message, name) for name in _OF_ANY_MESSAGE}
    return values | outcome_values(message.outcome or Outcome(Status.COMPLETE))


def outcome_values(outcome: Outcome) -> Values:
    usage = asdict(outcome.usage) if outcome.usage else dict.fromkeys(_TOKENS)
    return {
        "status": outcome.status,
        "finish_reason": outcome.finish,
        "model": outcome.model,
        "error_code": outcome.error_code,
        "duration": outcome.duration,
        **usage,
    }


def part_values(message_id: str, parts: Iterable[Part], first: int = 0) -> list[Values]:
    """Return the rows of a message's parts, whose positions begin at ``first``."""
    return [
        {"message_id": message_id, "position": position, **_part_values(part)}
        for position, part in enumerate(parts, first)
    ]


def _part_values(part: Part) -> Values:
    data = to_json(part)
    del data["kind"]
    text = data.pop("text", "") if isinstance(data.get("text"), str) else ""
    return {"kind": kind_of(part), "text": text, "data": json.dumps(data, ensure_ascii=False) if data else ""}


def _part_from(row: RowMapping) -> Part:
    data = json.loads(row["data"]) if row["data"] else {}
    text = {"text": row["text"]} if row["text"] else {}
    return from_json({"kind": row["kind"], **text, **data})


def messages_from(rows: Sequence[RowMapping], part_rows: Iterable[RowMapping]) -> list[Message]:
    """Build messages from their rows and the rows of their parts, which are in order."""
    parts: dict[str, list[Part]] = defaultdict(list)
    for row in part_rows:
        parts[row["message_id"]].append(_part_from(row))
    return [_message_from(row, tuple(parts[row["id"]])) for row in rows]


def _message_from(row: RowMapping, parts: tuple[Part, ...]) -> Message:
    values = {name: row[name] for name in _OF_ANY_MESSAGE}
    role = Role(row["role"])
    kinds = {"role": role, "rating": Rating(row["rating"])}
    return Message(**values | kinds, parts=parts, outcome=outcome_from(row) if role is Role.ASSISTANT else None)


def outcome_from(row: RowMapping) -> Outcome:
    """Build the outcome of an answer from its row."""
    tokens = [row[name] for name in _TOKENS]
    return Outcome(
        Status(row["status"]),
        finish=row["finish_reason"],
        model=row["model"],
        usage=None if None in tokens else Usage(*tokens),
        error_code=row["error_code"],
        duration=row["duration"],
    )
