"""Conversations and messages as rows; the columns have the names of the fields."""

from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import RowMapping

from chat_app.models.answer_record import EndedAnswer
from chat_app.models.conversation import Conversation
from chat_app.models.message import Message, Rating, Role, Status, Usage

Values = dict[str, Any]

CONVERSATION_FIELDS = [field.name for field in fields(Conversation)]
_TOKENS = [field.name for field in fields(Usage)]


def conversation_values(conversation: Conversation) -> Values:
    return asdict(conversation)


def message_values(message: Message) -> Values:
    values = asdict(message)
    del values["usage"]
    return values | usage_values(message.usage)


def ended_values(answer: EndedAnswer) -> Values:
    """The columns that change when an answer ends."""
    done = answer.done
    return {
        "text": answer.text,
        "reasoning": answer.reasoning,
        "status": done.status,
        "finish_reason": done.finish.reason,
        "model": done.finish.model,
        "error_code": answer.error_code,
        "duration": done.duration,
        "reasoning_duration": done.reasoning_duration,
        **usage_values(done.finish.usage),
    }


def usage_values(usage: Usage | None) -> Values:
    return asdict(usage) if usage else dict.fromkeys(_TOKENS)


def conversation_from(row: RowMapping) -> Conversation:
    return Conversation(**{name: row[name] for name in CONVERSATION_FIELDS})


def message_from(row: RowMapping) -> Message:
    values = dict(row)
    tokens = [values.pop(name) for name in _TOKENS]
    values["usage"] = None if None in tokens else Usage(*tokens)
    kinds = {"role": Role(row["role"]), "status": Status(row["status"]), "rating": Rating(row["rating"])}
    return Message(**values | kinds)
