"""Reading an ended answer from storage, as if its log were still there."""

from collections.abc import Iterator

from chat_app.models.errors import is_retryable
from chat_app.models.events import AnswerEvent, Chunk, Done, Entry, Failure, Finish, Reasoning, length
from chat_app.models.message import Message


def replay(message: Message, after: int = 0) -> list[Entry]:
    """What a reader who has the answer up to position ``after`` still lacks of it."""
    entries: list[Entry] = []
    position = 0
    for event in _events(message):
        start, position = position, position + length(event)
        if position > after:
            entries.append(Entry(position, _rest(event, after - start)))
    return entries


def _events(message: Message) -> Iterator[AnswerEvent]:
    if message.reasoning:
        yield Reasoning(message.reasoning)
    if message.text:
        yield Chunk(message.text)
    if message.error_code:
        yield Failure(message.error_code, is_retryable(message.error_code))
    yield Done(message.status, Finish(message.finish_reason, message.model, message.usage))


def _rest(event: AnswerEvent, read: int) -> AnswerEvent:
    return type(event)(event.text[read:]) if read > 0 and isinstance(event, Chunk | Reasoning) else event
