"""A message as the page shows it."""

from dataclasses import dataclass
from typing import Literal

from chat_app.models.message import Message, Role, Status

Note = Literal["", "stopped", "interrupted", "cut_off"]


@dataclass(frozen=True, kw_only=True)
class MessageView:
    """One row of the conversation.

    Attributes:
        note: What to say below it, a field of ``chat_app.texts.Catalogue``; empty if there is nothing to say.
    """

    id: str
    is_user: bool
    text: str
    reasoning: str = ""
    note: Note = ""


def view(message: Message) -> MessageView:
    """The row for ``message``."""
    return MessageView(
        id=message.id,
        is_user=message.role is Role.USER,
        text=message.text,
        reasoning=message.reasoning,
        note=note(message.status, message.finish_reason),
    )


def note(status: Status, finish_reason: str) -> Note:
    """What a reader should know about an answer that didn't end by itself."""
    if status is Status.STOPPED:
        return "stopped"
    if status is Status.INTERRUPTED:
        return "interrupted"
    return "cut_off" if finish_reason == "length" else ""
