"""Conversation history for the model's prompt, within limits."""

from collections.abc import Sequence
from itertools import dropwhile, zip_longest

from chat_app.models.errors import Blocked, TooLong
from chat_app.models.message import Message, Role, Status, Turn
from chat_app.models.parts import reasoning_of
from chat_app.models.principal import Principal
from chat_app.models.reasoning_tags import separate_reasoning
from chat_app.services.files.files import Files
from chat_app.services.ports import MessageStore


class History:
    """Builds prompts from the messages before a question.

    Args:
        store: Reads the messages.
        files: Has the files of messages.
        max_messages: Maximum number of messages.
        max_chars: Maximum number of their characters.
    """

    def __init__(self, store: MessageStore, files: Files, *, max_messages: int, max_chars: int) -> None:
        self._store = store
        self._files = files
        self._max_messages = max_messages
        self._max_chars = max_chars

    async def before(self, owner: Principal, message: Message) -> list[Turn]:
        """Return the newest turns before ``message`` that fit, oldest first."""
        return await self._turns_before(owner, message, self._max_chars)

    def turn(self, owner: Principal, message: Message, text: str) -> Turn:
        """Return a message as a turn, with ``text`` in place of its own, and its files."""
        return Turn(message.role, text, self._files.attached(owner, message.parts))

    async def with_answer(self, owner: Principal, question: Message, answer: Message) -> list[Turn]:
        """Return the prompt to continue ``answer``: the turns that fit before ``question``, then these two.

        Raises:
            TooLong: The answer alone exceeds ``max_chars``.
        """
        answer = separate_reasoning(answer)
        if len(answer.text) + len(reasoning_of(answer.parts)) > self._max_chars:
            raise TooLong(f"answer {answer.id}")
        before = await self._turns_before(owner, question, self._max_chars - len(question.text) - len(answer.text))
        return [*before, self.turn(owner, question, question.text), Turn(answer.role, answer.text)]

    async def _turns_before(self, owner: Principal, message: Message, max_chars: int) -> list[Turn]:
        branch = await self._store.branch(message.parent_id, self._max_messages)
        return [self.turn(owner, each, each.text) for each in _newest_sent(branch, max_chars)]


def unanswered(branch: Sequence[Message]) -> set[str]:
    """Return the ids of a branch's questions without an answer, complete or streaming.

    They are left out of later prompts: a model that refused a question, for its content or length, would refuse every
    prompt with it.
    """
    return {
        message.id
        for message, reply in zip_longest(branch, branch[1:])
        if message.role is Role.USER and not (reply and is_answer(reply))
    }


def is_answer(message: Message) -> bool:
    """Return True for an answer to send to the model: streaming, or with text and not blocked by a content filter."""
    if message.role is not Role.ASSISTANT or message.error_code == Blocked.code:
        return False
    return message.status is Status.STREAMING or bool(message.text.strip())


def _newest_sent(messages: Sequence[Message], max_chars: int) -> list[Message]:
    """Return the newest questions and answers within ``max_chars`` in total, starting with a question."""
    messages = [separate_reasoning(message) for message in messages]
    skipped = unanswered(messages)
    sent = [each for each in messages if each.id not in skipped and (each.role is Role.USER or is_answer(each))]
    newest: list[Message] = []
    for message in reversed(sent):
        max_chars -= len(message.text)
        if max_chars < 0:
            break
        newest.append(message)
    return list(dropwhile(lambda message: message.role is Role.ASSISTANT, reversed(newest)))
