"""Helpers for tests of conversations."""

from collections.abc import Awaitable, Callable, Sequence
from io import BytesIO

from chat_app.models.conversation import Conversation
from chat_app.models.message import Message, Role, Turn
from chat_app.models.principal import Caller, Principal
from chat_app.models.request import DEFAULT_OPTIONS, AnswerRequest, Options
from chat_app.services.answering.answers import Answers
from chat_app.services.asking.history import History
from chat_app.services.asking.questions import Exchange, Questions
from chat_app.services.conversations.changes import Changes
from chat_app.services.conversations.conversations import Conversations
from chat_app.services.ports import Store
from chat_app.services.transfer import archive
from tests.fakes import FakeStore, files_in

ANN, BOB = Principal("ann"), Principal("bob")
AS_ANN, AS_BOB = Caller(ANN), Caller(BOB)
LONG = 60.0
MAX_RUNNING = 3

Ask = Callable[[Conversation, str, str | Exception], Awaitable[Exchange]]
Edit = Callable[[Conversation, str, str, str], Awaitable[Exchange]]
Ended = Callable[[Exchange], Awaitable[Message]]
Reply = Callable[[Exchange, str | Exception], Awaitable[Message]]


def asking(
    answer_id: str,
    caller: Caller,
    text: str,
    history: Sequence[Turn] = (),
    *,
    model: str = "",
    options: Options = DEFAULT_OPTIONS,
) -> AnswerRequest:
    """A request for an answer to ``text``."""
    messages = (*history, Turn(Role.USER, text))
    return AnswerRequest(answer_id=answer_id, caller=caller, messages=messages, model=model, options=options)


def make_questions(
    store: Store,
    answers: Answers,
    *,
    conversations: Conversations | None = None,
    changes: Changes | None = None,
    max_history: int = 100,
    max_history_chars: int = 1000,
    max_chars: int = 1000,
) -> Questions:
    changes = changes or Changes()
    conversations = conversations or Conversations(store, answers, changes)
    files = files_in(store)
    history = History(store, files, max_messages=max_history, max_chars=max_history_chars)
    return Questions(conversations, store, answers, history, changes, files=files, titles=None, max_chars=max_chars)


async def add_conversation(store: FakeStore, title: str = "Hello?", owner: Principal = ANN) -> Conversation:
    """Store a conversation without messages."""
    conversation = Conversation(owner=owner, title=title)
    await store.add_conversation(conversation)
    return conversation


async def texts(store: FakeStore, conversation: Conversation) -> list[str]:
    """The texts of the current branch's messages, oldest first."""
    current = await store.conversation(conversation.owner, conversation.id)
    return [message.text for message in await store.branch(current and current.latest_id, 100)]


def user(text: str) -> Turn:
    return Turn(Role.USER, text)


def assistant(text: str) -> Turn:
    return Turn(Role.ASSISTANT, text)


def load(text: str | bytes, owner: Principal) -> list[archive.ConversationTree]:
    """The conversations of an archive."""
    return list(archive.load(BytesIO(text.encode() if isinstance(text, str) else text), owner))
