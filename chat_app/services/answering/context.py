"""Fitting of a prompt into a model's context: its earliest messages are left out."""

from itertools import accumulate

from chat_app.models.message import Role, Turn
from chat_app.models.request import Options

BYTES_PER_TOKEN = 3
"""An estimate on the safe side, in UTF-8: English has 4 to 5 bytes in a token, Korean 2.5 to 4.5, code 3 to 4."""

PICTURE_TOKENS = 1500
"""Tokens of a picture, an estimate: models differ, and scale it down."""

ANSWER_TOKENS = 4096
"""Tokens kept free for an answer without a maximum length, at most half of the context."""

KEPT = 3
"""Messages that stay, however long: the question, and the exchange before it, which it may ask to continue."""


def fitting(messages: tuple[Turn, ...], context: int | None, options: Options) -> tuple[Turn, ...]:
    """Return the newest messages that fit, by an estimate.

    Args:
        messages: A prompt of alternating roles; the question is the last.
        context: The length of the model's context in tokens; all messages fit if it is unknown.
        options: Those of the answer, which shares the context with its prompt.
    """
    if context is None:
        return messages
    prompt = context - min(options.max_tokens or ANSWER_TOKENS, context // 2)
    return _newest(messages, prompt * BYTES_PER_TOKEN - len(options.instructions.encode()))


def shortened(messages: tuple[Turn, ...]) -> tuple[Turn, ...]:
    """Return the newest half of a prompt that a model has refused as too long; the same one if it can't be shorter."""
    return _newest(messages, sum(map(_size, messages)) // 2)


def _newest(messages: tuple[Turn, ...], size: int) -> tuple[Turn, ...]:
    """Return the newest messages within ``size``, from a question on, or the last ``KEPT`` ones."""
    sizes = accumulate(map(_size, reversed(messages)))
    newest = messages[-max(KEPT, sum(each <= size for each in sizes)) :]
    return newest[1:] if len(newest) < len(messages) and newest[0].role is Role.ASSISTANT else newest


def _size(turn: Turn) -> int:
    return len(turn.text_with_documents.encode()) + len(turn.pictures) * PICTURE_TOKENS * BYTES_PER_TOKEN
