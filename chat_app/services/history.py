"""How much of a conversation the model gets to see."""

from collections.abc import Sequence
from itertools import dropwhile

from chat_app.models.errors import TooLong
from chat_app.models.message import Message, Role, Turn
from chat_app.services.ports import MessageStore


class History:
    """What was said before a message, as far as it fits.

    Args:
        max_messages: How many messages, at most.
        max_chars: How many characters of them.
    """

    def __init__(self, store: MessageStore, *, max_messages: int, max_chars: int) -> None:
        self._store = store
        self._max_messages = max_messages
        self._max_chars = max_chars

    async def before(self, message: Message) -> list[Turn]:
        """The newest turns before ``message`` that fit, oldest first."""
        return await self._before(message, self._max_chars)

    async def with_answer(self, question: Message, answer: Message) -> list[Turn]:
        """Those before ``question`` that fit beside both of these, then these.

        Raises:
            TooLong: The answer alone is more than fits.
        """
        if len(answer.text) + len(answer.reasoning) > self._max_chars:
            raise TooLong(f"answer {answer.id}")
        before = await self._before(question, self._max_chars - len(question.text) - len(answer.text))
        return [*before, Turn(question.role, question.text), Turn(answer.role, answer.text)]

    async def _before(self, message: Message, room: int) -> list[Turn]:
        return _fitting(await self._store.branch(message.parent_id, self._max_messages), room)


def _fitting(messages: Sequence[Message], room: int) -> list[Turn]:
    """The newest that have ``room`` characters at most, from a question on.

    An answer that failed before its first word is no turn.
    """
    turns: list[Turn] = []
    for message in reversed(messages):
        room -= len(message.text)
        if room < 0:
            break
        if message.text:
            turns.append(Turn(message.role, message.text))
    return list(dropwhile(lambda turn: turn.role is Role.ASSISTANT, reversed(turns)))
