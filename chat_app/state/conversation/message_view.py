"""Messages as rows of the page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from typing import Literal

from chat_app.models.message import Message, Outcome, Role, Status, Usage, Version
from chat_app.models.parts import File, follow_ups_in
from chat_app.models.reasoning_tags import separate_reasoning
from chat_app.services.asking.history import is_answer
from chat_app.state.conversation.file_view import FileView, file_view
from chat_app.state.conversation.part_view import PartView, in_seconds, part_views

Note = Literal["", "stopped", "interrupted", "cut_off", "failed"]


@dataclass(frozen=True, kw_only=True)
class MessageView:
    """One row of the conversation. Missing values are empty, or 0.

    Attributes:
        text: The text of a question; an answer has ``parts``.
        parent_id: The message it replies to, the same for all versions.
        note: The notice below it, a field of ``chat_app.texts.Catalogue``.
        can_be_continued: True if the model can continue this answer.
        version: Its number among its versions, such as "2 / 3"; empty if it is the only one.
        previous_id, next_id: The versions before and after it.
        model: The model that wrote the answer.
        tokens_in, tokens_out: Numbers of tokens in the prompt and in the answer.
        seconds: Duration of the answer, with one decimal.
        rating, comment: The visitor's feedback on the answer.
        created_at: Time of the question or of the answer's start, in UTC, as ISO 8601.
        is_unanswered: True for a question whose answer failed, since it isn't sent with later questions, and for that
            answer.
        files: The files of a question.
        follow_ups: The questions that its agent suggests to ask next.
    """

    id: str
    is_user: bool
    text: str = ""
    parts: Sequence[PartView] = ()
    parent_id: str = ""
    note: Note = ""
    can_be_continued: bool = False
    version: str = ""
    previous_id: str = ""
    next_id: str = ""
    model: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: str = ""
    rating: int = 0
    comment: str = ""
    created_at: str = ""
    is_unanswered: bool = False
    files: Sequence[FileView] = ()
    follow_ups: Sequence[str] = ()

    @property
    def is_complete(self) -> bool:
        """True unless the answer streams, failed or ended early."""
        return not (self.note or self.is_unanswered)

    @property
    def size(self) -> int:
        """The size of its text, in bytes."""
        sources = (f"{each.title}{each.url}{each.quote}" for part in self.parts for each in part.sources)
        return sum(len(text.encode()) for text in (self.text, *(part.text for part in self.parts), *sources))


def view(message: Message, version: Version | None = None, *, is_unanswered: bool = False) -> MessageView:
    """The row of ``message``, which is its only version unless ``version`` says otherwise."""
    message, version = separate_reasoning(message), version or Version(1, 1)
    is_user = message.role is Role.USER
    outcome = message.outcome or Outcome(Status.COMPLETE)
    usage = outcome.usage or Usage(0, 0, 0)
    return MessageView(
        id=message.id,
        is_user=is_user,
        text=message.text if is_user else "",
        parts=() if is_user else part_views(message.parts),
        parent_id=message.parent_id or "",
        note=_note(message),
        can_be_continued=message.can_be_continued,
        version=f"{version.number} / {version.count}" if version.count > 1 else "",
        previous_id=version.previous_id or "",
        next_id=version.next_id or "",
        model=outcome.model,
        tokens_in=usage.prompt_tokens,
        tokens_out=usage.completion_tokens,
        seconds=in_seconds(outcome.duration),
        rating=message.rating,
        comment=message.comment,
        created_at=message.created_at.astimezone(UTC).isoformat(timespec="seconds"),
        is_unanswered=is_unanswered if is_user else not is_answer(message),
        files=[file_view(part) for part in message.parts if isinstance(part, File)] if is_user else (),
        follow_ups=() if is_user else follow_ups_in(message.parts),
    )


def settled(begun: MessageView, answer: Message) -> MessageView:
    """The row of an ended answer, in place of the row from its beginning."""
    ended = view(answer)
    return replace(
        ended,
        parent_id=begun.parent_id,
        version=begun.version,
        previous_id=begun.previous_id,
        next_id=begun.next_id,
        created_at=begun.created_at,
    )


def _note(message: Message) -> Note:
    """The notice about an answer that didn't end by itself."""
    if message.status is Status.STOPPED:
        return "stopped"
    if message.status is Status.INTERRUPTED:
        return "interrupted"
    if message.status is Status.FAILED:
        return "failed"
    return "cut_off" if message.outcome and message.outcome.finish == "length" else ""
