"""Asking in a conversation: a first time, in other words, once more, and on from where an answer ended."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from chat_app.models.conversation import Conversation
from chat_app.models.errors import Busy, Conflict, InvalidRequest, NotFound
from chat_app.models.message import Message, Outcome, Role, Status, Turn, new_id
from chat_app.models.parts import Text
from chat_app.models.principal import Caller, Principal
from chat_app.models.request import AnswerRequest
from chat_app.services.answering.answers import Answers
from chat_app.services.asking.history import History
from chat_app.services.conversations.changes import Changes
from chat_app.services.conversations.conversations import Conversations
from chat_app.services.conversations.titles import Titles, title_from
from chat_app.services.ports import Store

CONTINUE = "Continue exactly where your last answer ended, without repeating or explaining anything."


@dataclass(frozen=True, slots=True)
class Exchange:
    """A message of the user's and the answer to it, just begun."""

    message: Message
    answer: Message


class Questions:
    """Every way to ask; each begins an answer, and in a branch only one at a time is written.

    Args:
        titles: Who finds titles; without anybody, conversations keep their first words.
        max_chars: How long a question may be, also one that has been imported.
    """

    def __init__(
        self,
        conversations: Conversations,
        store: Store,
        answers: Answers,
        history: History,
        changes: Changes,
        *,
        titles: Titles | None,
        max_chars: int,
    ) -> None:
        self._conversations = conversations
        self._store = store
        self._answers = answers
        self._history = history
        self._changes = changes
        self._titles = titles
        self._max_chars = max_chars

    async def conversation_of(self, owner: Principal, answer_id: str) -> str | None:
        """The id of the conversation with this answer, ``None`` if the owner has no such answer."""
        answer = await self._store.message(owner, answer_id)
        return answer.conversation_id if answer else None

    async def begin_conversation(
        self, caller: Caller, text: str, answer_id: str | None = None, *, model: str = ""
    ) -> Exchange:
        """Ask the first question of a new conversation, which is stored together with the question.

        Raises:
            Busy, TooManyRequests: There are too many answers, of this caller's, of its network or in all.
            Conflict: ``answer_id`` is taken.
            InvalidRequest: The question is too long.
        """
        conversation = Conversation(owner=caller.principal, title=title_from(text))
        return await self._add(caller, conversation, None, text, answer_id=answer_id, model=model, begins=True)

    async def ask(
        self,
        caller: Caller,
        conversation: Conversation,
        text: str,
        answer_id: str | None = None,
        *,
        after: str | None = None,
        model: str = "",
    ) -> Exchange:
        """Add a message and begin its answer; asking again with the same ``answer_id`` returns the first question.

        Args:
            model: The name of the agent that answers; the default one if it is empty.
            after: The message it replies to, where another than the latest is the last that the user sees.

        Raises:
            Busy: An answer is being written in this branch, or too many are elsewhere.
            Conflict: ``answer_id`` is taken by something else.
            InvalidRequest: The question is too long.
            NotFound: The conversation has been deleted.
        """
        async with self._conversations.lock(conversation.id):
            if answer_id and (asked := await self._asked(conversation, answer_id)):
                return asked
            current = await self._idle(conversation)
            return await self._add(caller, current, after or current.latest_id, text, answer_id=answer_id, model=model)

    async def edit(self, caller: Caller, conversation: Conversation, message_id: str, text: str) -> Exchange:
        """Ask what was asked with this message in other words: another version of it, and its answer.

        Raises:
            Busy, InvalidRequest: As ``ask``.
            NotFound: There is no such message of the user's in this conversation, or it has been deleted.
        """
        async with self._conversations.lock(conversation.id):
            current = await self._idle(conversation)
            message = await self._message(current, message_id, Role.USER)
            model = await self._model_of(message)
            return await self._add(caller, current, message.parent_id, text, answer_id=None, model=model)

    async def regenerate(self, caller: Caller, conversation: Conversation, answer_id: str) -> Exchange:
        """Answer the question of this answer anew; the earlier answer stays in the tree, as another version.

        Raises:
            Busy, InvalidRequest: As ``ask``.
            NotFound: There is no such answer in this conversation, or it has been deleted.
        """
        async with self._conversations.lock(conversation.id):
            current = await self._idle(conversation)
            answer = await self._message(current, answer_id, Role.ASSISTANT)
            question = await self._question_of(current, answer)
            return await self._answer_anew(caller, current, question, self._agent_of(answer))

    async def retry(self, caller: Caller, conversation: Conversation) -> Exchange:
        """As ``regenerate``, for the last question.

        Raises:
            Busy, NotFound: As ``ask``.
            InvalidRequest: As ``ask``; or the conversation has no question yet.
        """
        async with self._conversations.lock(conversation.id):
            current = await self._idle(conversation)
            branch = await self._store.branch(current.latest_id, 2)
            question = next((message for message in reversed(branch) if message.role is Role.USER), None)
            if question is None:
                raise InvalidRequest("nothing to try again")
            return await self._answer_anew(caller, current, question, await self._model_of(question))

    async def continue_answer(self, caller: Caller, conversation: Conversation, answer_id: str) -> Exchange:
        """Go on where an answer ended before its time: another version of it that begins with all of its text.

        Raises:
            Busy, NotFound: As ``regenerate``.
            InvalidRequest: As ``ask``; or the answer is complete, or has no text.
            TooLong: The model can't be shown so much.
        """
        async with self._conversations.lock(conversation.id):
            current = await self._idle(conversation)
            answer = await self._message(current, answer_id, Role.ASSISTANT)
            if not answer.can_be_continued:
                raise InvalidRequest(f"answer {answer_id} can't be continued")
            message = await self._question_of(current, answer)
            turns = await self._history.with_answer(message, answer)
            continuation = Exchange(message, _continuation(message, answer, self._agent_of(answer)))
            return await self._start(caller, current, continuation, CONTINUE, turns, stored=[continuation.answer])

    async def _add(
        self,
        caller: Caller,
        conversation: Conversation,
        parent_id: str | None,
        text: str,
        *,
        answer_id: str | None,
        model: str,
        begins: bool = False,
    ) -> Exchange:
        """Add a message and begin its answer.

        Args:
            begins: Whether the conversation isn't stored yet.
        """
        message = Message(
            conversation_id=conversation.id,
            parent_id=parent_id,
            role=Role.USER,
            parts=(Text(text),),
            author_id=caller.principal.key,
        )
        question = Exchange(message, _reply_to(message, answer_id or new_id(), model))
        turns = await self._history.before(message)
        stored = [question.message, question.answer]
        return await self._start(caller, conversation, question, text, turns, stored=stored, begins=begins)

    async def _answer_anew(self, caller: Caller, conversation: Conversation, message: Message, model: str) -> Exchange:
        turns = await self._history.before(message)
        question = Exchange(message, _reply_to(message, new_id(), model))
        return await self._start(caller, conversation, question, message.text, turns, stored=[question.answer])

    async def _start(
        self,
        caller: Caller,
        conversation: Conversation,
        question: Exchange,
        prompt: str,
        turns: Sequence[Turn],
        *,
        stored: Sequence[Message],
        begins: bool = False,
    ) -> Exchange:
        self._ensure_short(question.message.text)
        answer = question.answer
        new = replace(conversation, latest_id=answer.id, updated_at=answer.created_at) if begins else None
        on_end = partial(self._ended, conversation, question)
        request = AnswerRequest(
            answer_id=answer.id,
            caller=caller,
            messages=(*turns, Turn(Role.USER, prompt)),
            model=answer.author_id,
        )
        await self._answers.start(request, stored=stored, new_conversation=new, on_end=on_end)
        self._changes.notify(conversation.owner)
        return question

    def _ensure_short(self, text: str) -> None:
        if len(text) > self._max_chars:
            raise InvalidRequest(f"a message of {len(text)} characters, {self._max_chars} are allowed")

    def _ended(self, conversation: Conversation, question: Exchange) -> None:
        self._changes.notify(conversation.owner)
        if self._titles:
            self._titles.suggest(conversation, question.message, question.answer.id)

    async def _idle(self, conversation: Conversation) -> Conversation:
        """The conversation as it is now: it may have been read before the last question."""
        current = await self._conversations.get(conversation.owner, conversation.id)
        if current.latest_id:
            await self._answers.ensure_saved(current.latest_id)
        latest = await self._store.branch(current.latest_id, 1)
        if latest and latest[0].status is Status.STREAMING and await self._answers.is_logged(latest[0].id):
            raise Busy(f"conversation {conversation.id} is being answered")
        return current

    async def _asked(self, conversation: Conversation, answer_id: str) -> Exchange | None:
        match await self._store.branch(answer_id, 2):
            case []:
                return None
            case [message, Message(role=Role.ASSISTANT) as answer] if answer.conversation_id == conversation.id:
                return Exchange(message, answer)
            case _:
                raise Conflict(f"answer {answer_id} is taken")

    async def _message(self, conversation: Conversation, message_id: str | None, role: Role) -> Message:
        message = await self._store.message(conversation.owner, message_id) if message_id else None
        if message is None or message.conversation_id != conversation.id or message.role is not role:
            raise NotFound(f"message {message_id}")
        return message

    async def _model_of(self, question: Message) -> str:
        """The name of the agent that answered the question last; empty if none has."""
        leaf_id = await self._store.newest_leaf(question.id)
        depth = await self._store.depth(question.id, leaf_id) or 1
        below = await self._store.branch(leaf_id, depth - 1) if depth > 1 else []
        return self._agent_of(below[0]) if below else ""

    def _agent_of(self, answer: Message) -> str:
        """The name of the agent that wrote the answer; empty, for the default one, if that agent is gone."""
        return answer.author_id if self._answers.knows(answer.author_id) else ""

    async def _question_of(self, conversation: Conversation, answer: Message) -> Message:
        return await self._message(conversation, answer.parent_id, Role.USER)


def _reply_to(message: Message, answer_id: str, model: str) -> Message:
    return Message(
        id=answer_id,
        author_id=model,
        conversation_id=message.conversation_id,
        parent_id=message.id,
        role=Role.ASSISTANT,
        parts=(),
        outcome=Outcome(Status.STREAMING),
    )


def _continuation(message: Message, answer: Message, model: str) -> Message:
    """A reply to ``message`` that has begun with what ``answer`` has."""
    duration = answer.outcome.duration if answer.outcome else None
    outcome = Outcome(Status.STREAMING, duration=duration)
    return replace(_reply_to(message, new_id(), model), parts=answer.parts, outcome=outcome)
