"""Conversations: asking in one, trying again, reading it back."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import dropwhile
from weakref import WeakValueDictionary

from chat_app.models.conversation import Conversation
from chat_app.models.errors import Busy, Conflict, InvalidRequest, NotFound
from chat_app.models.message import Message, Role, Status, Turn, new_id
from chat_app.services.answers import Answers
from chat_app.services.ports import Store

TITLE_CHARS = 60


@dataclass(frozen=True, slots=True)
class Question:
    """A message of the user's and the answer to it, just begun."""

    message: Message
    answer: Message


class Conversations:
    """All conversations of all owners.

    Args:
        max_history: How many earlier messages the model gets to see, at most.
        max_history_chars: How many characters of them.
    """

    def __init__(self, store: Store, answers: Answers, *, max_history: int, max_history_chars: int) -> None:
        self._store = store
        self._answers = answers
        self._max_history = max_history
        self._max_history_chars = max_history_chars
        self._locks = WeakValueDictionary[str, asyncio.Lock]()

    async def create(self, owner: str, first_message: str) -> Conversation:
        """Begin a conversation, titled with the first words of its first message.

        Raises:
            Busy: Too many answers are running for that message to get one.
        """
        self._answers.ensure_room()
        conversation = Conversation(owner=owner, title=title_from(first_message))
        await self._store.add_conversation(conversation)
        return conversation

    async def get(self, owner: str, conversation_id: str) -> Conversation:
        """Raises:
        NotFound: There is none, or it is someone else's.
        """
        conversation = await self._store.conversation(owner, conversation_id)
        if conversation is None:
            raise NotFound(f"conversation {conversation_id}")
        return conversation

    async def latest(self, owner: str, limit: int) -> list[Conversation]:
        """The owner's conversations, the most recently used first."""
        return await self._store.conversations(owner, limit)

    async def messages(self, conversation: Conversation, limit: int) -> list[Message]:
        """The newest ``limit`` messages of the branch last looked at, oldest first."""
        return await self._store.branch(conversation.latest_id, limit)

    async def delete(self, owner: str, conversation_id: str) -> None:
        """Delete it and stop what is being answered in it.

        Raises:
            NotFound: There is none, or it is someone else's.
        """
        async with self._alone_in(conversation_id):
            conversation = await self.get(owner, conversation_id)
            if conversation.latest_id:
                await self._answers.stop(conversation.latest_id, owner)
            await self._store.delete_conversation(owner, conversation_id)

    async def ask(self, conversation: Conversation, text: str, answer_id: str | None = None) -> Question:
        """Add a message and begin its answer; asking again with the same ``answer_id`` returns the first question.

        Raises:
            Busy: An answer is being written in this conversation, or too many are elsewhere.
            Conflict: ``answer_id`` is taken by something else.
            NotFound: The conversation has been deleted.
        """
        async with self._alone_in(conversation.id):
            if answer_id and (asked := await self._asked(conversation, answer_id)):
                return asked
            history = await self._idle_branch(conversation)
            parent_id = history[-1].id if history else None
            message = Message(conversation_id=conversation.id, parent_id=parent_id, role=Role.USER, text=text)
            answer = _reply_to(message, answer_id or new_id())
            await self._begin(conversation, [message, answer], text, history)
            return Question(message, answer)

    async def retry(self, conversation: Conversation) -> Question:
        """Answer the last question anew; the earlier answer stays in the tree, as a sibling of the new one.

        Raises:
            Busy, NotFound: As ``ask``.
            InvalidRequest: The conversation has no question yet.
        """
        async with self._alone_in(conversation.id):
            branch = await self._idle_branch(conversation)
            asked = next((index for index in reversed(range(len(branch))) if branch[index].role is Role.USER), None)
            if asked is None:
                raise InvalidRequest("nothing to try again")
            message, history = branch[asked], branch[:asked]
            answer = _reply_to(message, new_id())
            await self._begin(conversation, [answer], message.text, history)
            return Question(message, answer)

    def _alone_in(self, conversation_id: str) -> asyncio.Lock:
        """Two questions at once would both find the conversation idle."""
        return self._locks.setdefault(conversation_id, asyncio.Lock())

    async def _begin(
        self, conversation: Conversation, new: Sequence[Message], text: str, history: Sequence[Message]
    ) -> None:
        await self._answers.start(new[-1].id, conversation.owner, text, self._turns(history), stored=new)

    async def _idle_branch(self, conversation: Conversation) -> list[Message]:
        """The newest messages, as they are now: ``conversation`` may have been read before the last question."""
        current = await self.get(conversation.owner, conversation.id)
        # The last question and its answer are no history when it is asked again.
        branch = await self._store.branch(current.latest_id, self._max_history + 2)
        if branch and branch[-1].status is Status.STREAMING and await self._answers.is_logged(branch[-1].id):
            raise Busy(f"conversation {conversation.id} is being answered")
        return branch

    async def _asked(self, conversation: Conversation, answer_id: str) -> Question | None:
        match await self._store.branch(answer_id, 2):
            case []:
                return None
            case [message, Message(role=Role.ASSISTANT) as answer] if answer.conversation_id == conversation.id:
                return Question(message, answer)
            case _:
                raise Conflict(f"answer {answer_id} is taken")

    def _turns(self, history: Sequence[Message]) -> list[Turn]:
        """The newest of ``history`` that fit, oldest first, beginning with a question.

        An answer that failed before its first word is no turn.
        """
        turns: list[Turn] = []
        room = self._max_history_chars
        for message in reversed(history[-self._max_history :]):
            room -= len(message.text)
            if room < 0:
                break
            if message.text:
                turns.append(Turn(message.role, message.text))
        return list(dropwhile(lambda turn: turn.role is Role.ASSISTANT, reversed(turns)))


def _reply_to(message: Message, answer_id: str) -> Message:
    return Message(
        id=answer_id,
        conversation_id=message.conversation_id,
        parent_id=message.id,
        role=Role.ASSISTANT,
        text="",
        status=Status.STREAMING,
    )


def title_from(text: str) -> str:
    """The first line of ``text``, cut at a word's end where it is too long for a title."""
    line = " ".join(next(iter(text.strip().splitlines()), "").split())
    if len(line) <= TITLE_CHARS:
        return line
    words = line[:TITLE_CHARS].rpartition(" ")[0]
    return f"{words or line[: TITLE_CHARS - 1]}…"
