"""Questions in a conversation: ask, edit, regenerate, retry and continue."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from chat_app.models.conversation import DEFAULT_SETTINGS, Conversation, ConversationSettings
from chat_app.models.errors import Busy, Conflict, InvalidRequest, NotFound, TooManyRequests
from chat_app.models.message import Message, Outcome, Role, Status, Turn, new_id
from chat_app.models.parts import File, Part, Text
from chat_app.models.principal import Caller, Principal
from chat_app.models.request import AnswerRequest
from chat_app.services.answering.answers import Answers
from chat_app.services.asking.history import History
from chat_app.services.conversations.changes import Changes
from chat_app.services.conversations.conversations import Conversations
from chat_app.services.conversations.titles import Titles, title_from
from chat_app.services.files.files import Files
from chat_app.services.ports import Store

CONTINUE = "Continue exactly where your last answer ended, without repeating or explaining anything."

# The same request, with the same id, may have reached another process at the same time.
_RACE_ERRORS = (Busy, Conflict, TooManyRequests)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A user's message and the answer to it, as they were stored at the start of the answer."""

    message: Message
    answer: Message


class Questions:
    """Starts answers to questions, one at a time in a branch.

    Args:
        files: The files that questions may have.
        titles: Suggests titles; ``None`` to keep the first line of the first question.
        max_chars: Maximum length of a question, imported ones included.

    Raises:
        Busy: From each method that starts an answer, as the following: an answer is streaming in this branch, or a
            concurrency limit is reached.
        InvalidRequest: The question is longer than ``max_chars``.
        NotFound: The conversation has been deleted.
        StorageUnavailable: Storage can't be read or written.
        TooManyRequests: A rate limit is reached.
    """

    def __init__(
        self,
        conversations: Conversations,
        store: Store,
        answers: Answers,
        history: History,
        changes: Changes,
        *,
        files: Files,
        titles: Titles | None,
        max_chars: int,
    ) -> None:
        self._conversations = conversations
        self._store = store
        self._answers = answers
        self._history = history
        self._files = files
        self._changes = changes
        self._titles = titles
        self._max_chars = max_chars

    async def conversation_of(self, owner: Principal, answer_id: str) -> str | None:
        """Return the id of the conversation with this answer; ``None`` if the owner has no such answer."""
        answer = await self._store.message(owner, answer_id)
        return answer.conversation_id if answer else None

    async def begin_conversation(
        self,
        caller: Caller,
        text: str,
        answer_id: str | None = None,
        *,
        model: str = "",
        settings: ConversationSettings = DEFAULT_SETTINGS,
        file_ids: Sequence[str] = (),
    ) -> Exchange:
        """Ask the first question of a new conversation, stored together with it in one transaction.

        Idempotent: the same question with the same ``answer_id`` begins nothing.

        Args:
            answer_id: The answer's id, from the client; random if ``None``.
            model: The agent's name; empty for the default agent.
            settings: The conversation's, within their bounds.
            file_ids: Uploaded files that belong to the question.

        Raises:
            Conflict: ``answer_id`` is taken by another message.
            FileRefused, NotFound: As ``Files.for_message``.
        """
        files = await self._files.for_message(caller.principal, file_ids)
        title = title_from(text) or title_from(files[0].name if files else "")
        conversation = Conversation(owner=caller.principal, title=title, settings=settings)
        parts = _question_parts(text, files)
        try:
            return await self._add(caller, conversation, None, parts, answer_id=answer_id, model=model, is_new=True)
        except _RACE_ERRORS:
            if answer_id and (existing := await self._begun(caller.principal, text, answer_id)):
                return existing
            raise

    async def ask(
        self,
        caller: Caller,
        conversation: Conversation,
        text: str,
        answer_id: str | None = None,
        *,
        after: str | None = None,
        model: str = "",
        file_ids: Sequence[str] = (),
    ) -> Exchange:
        """Add a question and start its answer. Idempotent: a retry with the same ``answer_id`` adds nothing.

        Args:
            answer_id: The answer's id and idempotency key, from the client; random if ``None``.
            after: The message that the question replies to; ``None`` for the conversation's ``latest_id``.
            model: The agent's name; empty for the default agent.
            file_ids: Uploaded files that belong to the question.

        Raises:
            Conflict: ``answer_id`` is taken by another message.
            FileRefused, NotFound: As ``Files.for_message``.
        """
        async with self._conversations.lock(conversation.id):
            if answer_id and (existing := await self._existing(conversation, answer_id)):
                return existing
            parts = _question_parts(text, await self._files.for_message(caller.principal, file_ids, conversation.id))
            try:
                current = await self._reload_idle(conversation)
                parent_id = after or current.latest_id
                return await self._add(caller, current, parent_id, parts, answer_id=answer_id, model=model)
            except _RACE_ERRORS:
                if answer_id and (existing := await self._existing(conversation, answer_id)):
                    return existing
                raise

    async def edit(self, caller: Caller, conversation: Conversation, message_id: str, text: str) -> Exchange:
        """Add another version of a question, with the same files and its own answer by the same agent.

        Raises:
            NotFound: No such question in this conversation.
        """
        async with self._conversations.lock(conversation.id):
            current = await self._reload_idle(conversation)
            message = await self._message(current, message_id, Role.USER)
            model = await self._model_of(message)
            parts = _question_parts(text, [part for part in message.parts if isinstance(part, File)])
            return await self._add(caller, current, message.parent_id, parts, answer_id=None, model=model)

    async def regenerate(
        self, caller: Caller, conversation: Conversation, answer_id: str, *, model: str = ""
    ) -> Exchange:
        """Add another version of an answer; the earlier version stays in the tree.

        Args:
            model: The agent's name; empty for the same agent.

        Raises:
            NotFound: No such answer in this conversation.
        """
        async with self._conversations.lock(conversation.id):
            current = await self._reload_idle(conversation)
            answer = await self._message(current, answer_id, Role.ASSISTANT)
            question = await self._message(current, answer.parent_id, Role.USER)
            return await self._answer_again(caller, current, question, model or self._agent_of(answer))

    async def retry(self, caller: Caller, conversation: Conversation) -> Exchange:
        """Answer the last question of the current branch again.

        Raises:
            InvalidRequest: The conversation has no question.
        """
        async with self._conversations.lock(conversation.id):
            current = await self._reload_idle(conversation)
            branch = await self._store.branch(current.latest_id, 2)
            question = next((message for message in reversed(branch) if message.role is Role.USER), None)
            if question is None:
                raise InvalidRequest("nothing to try again")
            return await self._answer_again(caller, current, question, await self._model_of(question))

    async def continue_answer(self, caller: Caller, conversation: Conversation, answer_id: str) -> Exchange:
        """Continue an incomplete answer, in another version that begins with its parts.

        Raises:
            InvalidRequest: The answer is complete, or has no text.
            NotFound: No such answer in this conversation.
            TooLong: The answer exceeds the history's limit.
        """
        async with self._conversations.lock(conversation.id):
            current = await self._reload_idle(conversation)
            answer = await self._message(current, answer_id, Role.ASSISTANT)
            if not answer.can_be_continued:
                raise InvalidRequest(f"answer {answer_id} can't be continued")
            message = await self._message(current, answer.parent_id, Role.USER)
            turns = await self._history.with_answer(caller.principal, message, answer)
            outcome = Outcome(Status.STREAMING, duration=answer.outcome.duration if answer.outcome else None)
            continuation = replace(
                _reply_to(message, new_id(), self._agent_of(answer)), parts=answer.parts, outcome=outcome
            )
            exchange = Exchange(message, continuation)
            turns = [*turns, Turn(Role.USER, CONTINUE)]
            return await self._start(caller, current, exchange, turns, stored=[continuation])

    async def _add(
        self,
        caller: Caller,
        conversation: Conversation,
        parent_id: str | None,
        parts: tuple[Part, ...],
        *,
        answer_id: str | None,
        model: str,
        is_new: bool = False,
    ) -> Exchange:
        """Add a question and start its answer.

        Args:
            is_new: The conversation isn't stored yet.
        """
        message = Message(
            conversation_id=conversation.id,
            parent_id=parent_id,
            role=Role.USER,
            parts=parts,
            author_id=caller.principal.key,
        )
        exchange = Exchange(message, _reply_to(message, answer_id or new_id(), model))
        turns = await self._turns(caller, message)
        stored = [exchange.message, exchange.answer]
        return await self._start(caller, conversation, exchange, turns, stored=stored, is_new=is_new)

    async def _answer_again(self, caller: Caller, conversation: Conversation, message: Message, model: str) -> Exchange:
        turns = await self._turns(caller, message)
        exchange = Exchange(message, _reply_to(message, new_id(), model))
        return await self._start(caller, conversation, exchange, turns, stored=[exchange.answer])

    async def _turns(self, caller: Caller, message: Message) -> list[Turn]:
        """Return the prompt of a question: the turns before it, and itself."""
        before = await self._history.before(caller.principal, message)
        return [*before, self._history.turn(caller.principal, message, message.text)]

    async def _start(
        self,
        caller: Caller,
        conversation: Conversation,
        exchange: Exchange,
        turns: Sequence[Turn],
        *,
        stored: Sequence[Message],
        is_new: bool = False,
    ) -> Exchange:
        if (length := len(exchange.message.text)) > self._max_chars:
            raise InvalidRequest(f"a message of {length} characters, {self._max_chars} are allowed")
        answer = exchange.answer
        new = replace(conversation, latest_id=answer.id, updated_at=answer.created_at) if is_new else None
        seen = None if is_new else conversation
        on_end = partial(self._on_end, conversation, exchange)
        request = AnswerRequest(
            answer_id=answer.id,
            caller=caller,
            messages=tuple(turns),
            model=answer.author_id,
            options=conversation.settings.options,
        )
        await self._answers.start(request, stored=stored, seen=seen, new_conversation=new, on_end=on_end)
        self._changes.notify(conversation.owner)
        return exchange

    def _on_end(self, conversation: Conversation, exchange: Exchange) -> None:
        self._changes.notify(conversation.owner)
        if self._titles:
            self._titles.suggest(conversation, exchange.message, exchange.answer.id)

    async def _reload_idle(self, conversation: Conversation) -> Conversation:
        """Read the conversation again, and check that no answer is streaming in its current branch.

        Optimistic locking: storage accepts messages only if the conversation is still as read here (``seen`` of
        ``Answers.start``), so that one of several concurrent requests is answered, across all processes.

        Raises:
            Busy: An answer is streaming.
            NotFound: The conversation has been deleted.
            StorageUnavailable: The end of its last answer can't be stored.
        """
        current = await self._conversations.get(conversation.owner, conversation.id)
        if current.latest_id:
            await self._answers.ensure_saved(current.latest_id)
        latest = await self._store.branch(current.latest_id, 1)
        if latest and latest[0].status is Status.STREAMING and await self._answers.is_written(latest[0].id):
            raise Busy(f"conversation {conversation.id} is being answered")
        return current

    async def _existing(self, conversation: Conversation, answer_id: str) -> Exchange | None:
        """Return the exchange that ``answer_id`` belongs to, for a retry.

        Raises:
            Conflict: The id is taken by another message.
        """
        await self._answers.wait_begun(answer_id)
        match await self._store.branch(answer_id, 2):
            case []:
                return None
            case [message, Message(role=Role.ASSISTANT) as answer] if answer.conversation_id == conversation.id:
                return Exchange(message, answer)
            case _:
                raise Conflict(f"answer {answer_id} is taken")

    async def _begun(self, owner: Principal, text: str, answer_id: str) -> Exchange | None:
        """Return the first exchange of a conversation if the owner has begun it with this question and id."""
        await self._answers.wait_begun(answer_id)
        answer = await self._store.message(owner, answer_id)
        match await self._store.branch(answer_id, 2) if answer else []:
            case [Message(parent_id=None) as message, Message(role=Role.ASSISTANT) as answer] if message.text == text:
                return Exchange(message, answer)
            case _:
                return None

    async def _message(self, conversation: Conversation, message_id: str | None, role: Role) -> Message:
        message = await self._store.message(conversation.owner, message_id) if message_id else None
        if message is None or message.conversation_id != conversation.id or message.role is not role:
            raise NotFound(f"message {message_id}")
        return message

    async def _model_of(self, question: Message) -> str:
        """Return the name of the agent in the question's newest branch; empty if it has no answer."""
        leaf_id = await self._store.newest_leaf(question.id)
        depth = await self._store.depth(question.id, leaf_id) or 1
        below = await self._store.branch(leaf_id, depth - 1) if depth > 1 else []
        return self._agent_of(below[0]) if below else ""

    def _agent_of(self, answer: Message) -> str:
        """Return the name of the answer's agent; empty, for the default agent, if it no longer exists."""
        return answer.author_id if self._answers.knows(answer.author_id) else ""


def _question_parts(text: str, files: Sequence[File]) -> tuple[Part, ...]:
    """Return the parts of a question: its files, and its text, which may be missing beside files."""
    return (*files, *([Text(text)] if text.strip() or not files else []))


def _reply_to(message: Message, answer_id: str, model: str) -> Message:
    """Return an empty streaming answer to ``message``."""
    return Message(
        id=answer_id,
        author_id=model,
        conversation_id=message.conversation_id,
        parent_id=message.id,
        role=Role.ASSISTANT,
        parts=(),
        outcome=Outcome(Status.STREAMING),
    )
