"""How much of a conversation the model gets to see."""

from collections.abc import Sequence
from itertools import dropwhile, zip_longest

from chat_app.models.errors import Blocked, TooLong
from chat_app.models.message import Message, Role, Status, Turn
from chat_app.models.parts import reasoning_of
from chat_app.models.reasoning_tags import separate_reasoning
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
        answer = separate_reasoning(answer)
        if len(answer.text) + len(reasoning_of(answer.parts)) > self._max_chars:
            raise TooLong(f"answer {answer.id}")
        before = await self._before(question, self._max_chars - len(question.text) - len(answer.text))
        return [*before, Turn(question.role, question.text), Turn(answer.role, answer.text)]

    async def _before(self, message: Message, room: int) -> list[Turn]:
        return _fitting(await self._store.branch(message.parent_id, self._max_messages), room)


def unanswered(branch: Sequence[Message]) -> set[str]:
    """The ids of a branch's questions that have no answer and none being written.

    They aren't sent with later questions: a model that refuses a question once, for its content or its length, would
    refuse it every time.
    """
    return {
        message.id
        for message, reply in zip_longest(branch, branch[1:])
        if message.role is Role.USER and not (reply and is_answer(reply))
    }


def is_answer(message: Message) -> bool:
    """Whether a message is an answer to send to the model: being written, or with text and not refused by a filter."""
    if message.role is not Role.ASSISTANT or message.error_code == Blocked.code:
        return False
    return message.status is Status.STREAMING or bool(message.text.strip())


def _fitting(messages: Sequence[Message], room: int) -> list[Turn]:
    """The newest questions and answers that have ``room`` characters at most, from a question on."""
    messages = [separate_reasoning(message) for message in messages]
    skipped = unanswered(messages)
    sent = [each for each in messages if each.id not in skipped and (each.role is Role.USER or is_answer(each))]
    turns: list[Turn] = []
    for message in reversed(sent):
        room -= len(message.text)
        if room < 0:
            break
        turns.append(Turn(message.role, message.text))
    return list(dropwhile(lambda turn: turn.role is Role.ASSISTANT, reversed(turns)))
