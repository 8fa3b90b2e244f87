"""Reading an ended answer from storage, as if its log were still there."""

from collections.abc import Iterator

from chat_app.models.errors import Interrupted, is_retryable
from chat_app.models.events import TEXT_STEP, AnswerEvent, Chunk, Done, Entry, Failure, Finish, Reasoning, advance
from chat_app.models.message import Message, Status


def replay(message: Message, after: int = 0) -> list[Entry]:
    """What a reader who has the answer up to position ``after`` still lacks of it."""
    entries: list[Entry] = []
    position = after
    for event in (*pieces(message, after), *_end(message)):
        position = advance(position, event)
        if position > after:
            entries.append(Entry(position, event))
    return entries


def pieces(message: Message, after: int = 0) -> Iterator[Chunk | Reasoning]:
    """The reasoning and the text that follow position ``after``, each in one piece."""
    text_read, reasoning_read = divmod(after, TEXT_STEP)
    if reasoning := message.reasoning[reasoning_read:]:
        yield Reasoning(reasoning)
    if text := message.text[text_read:]:
        yield Chunk(text, message.reasoning_duration)


def _end(message: Message) -> Iterator[AnswerEvent]:
    status, error_code = message.status, message.error_code
    if status is Status.STREAMING:
        # Whoever wrote it is gone without a word, or there would still be a log.
        status, error_code = Status.INTERRUPTED, Interrupted.code
    if error_code:
        yield Failure(error_code, is_retryable(error_code))
    finish = Finish(message.finish_reason, message.model, message.usage)
    yield Done(status, finish, message.duration, message.reasoning_duration)
