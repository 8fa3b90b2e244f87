"""Fixtures of the unit tests."""

import asyncio
import gc
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chat_app.infrastructure.log.leases import MemoryLeases
from chat_app.infrastructure.log.memory import MemoryAnswerLog
from chat_app.infrastructure.log.slots import MemorySlots
from chat_app.infrastructure.sql.store import SqlStore
from chat_app.models.conversation import Conversation
from chat_app.models.message import Message
from chat_app.services.answering.ai_service import AIService, TimeLimits
from chat_app.services.answering.answers import Answers
from chat_app.services.answering.lease_keeper import LeaseKeeper
from chat_app.services.asking.questions import Exchange, Questions
from chat_app.services.conversations.changes import Changes
from chat_app.services.conversations.conversations import Conversations
from tests.clock import Clock
from tests.conversing import ANN, AS_ANN, LONG, MAX_RUNNING, Ask, Edit, Ended, Reply, add_conversation, make_questions
from tests.fakes import FakeStore, RemoteLog, ScriptedProvider, agents_of, allowance, ignore, make_saver
from tests.postgres import PostgresServer


@pytest.fixture
async def nothing_left() -> AsyncIterator[None]:
    """Fail a test that leaves a running task or an exception that was never retrieved."""
    gc.freeze()  # what others have left is none of this test's business
    before = asyncio.all_tasks()
    yield
    # asyncio reports such an exception when its task is collected; anyio's plugin raises what is reported.
    gc.collect()
    gc.unfreeze()
    left = asyncio.all_tasks() - before
    assert [task for task in left if "TestRunner" not in repr(task.get_coro())] == []


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a database that doesn't exist yet, nor does its folder."""
    return f"sqlite:///{tmp_path}/data/chat.db"


@pytest.fixture(scope="session")
def sqlite_with_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an SQLite database with empty tables."""
    path = tmp_path_factory.mktemp("sqlite") / "chat.db"
    _create_tables(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql_with_tables(postgres: PostgresServer) -> str:
    """The URL of a PostgreSQL database with empty tables."""
    url = postgres.create_database()
    _create_tables(url)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a database with empty tables; each test runs once with either kind.

    The tables are created once, since that takes longer than most tests.
    """
    if request.param == "sqlite":
        url = request.getfixturevalue("sqlite_url")
        path = Path(url.removeprefix("sqlite:///"))
        path.parent.mkdir()
        shutil.copy(request.getfixturevalue("sqlite_with_tables"), path)
        return url
    url = request.getfixturevalue("postgresql_with_tables")
    request.getfixturevalue("postgres").empty_tables(url)
    return url


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def provider() -> ScriptedProvider:
    return ScriptedProvider()


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture(params=[MemoryAnswerLog, RemoteLog])
async def answers(
    request: pytest.FixtureRequest, provider: ScriptedProvider, store: FakeStore
) -> AsyncIterator[Answers]:
    ai = AIService(agents_of(provider), limits=TimeLimits(LONG), max_chars=1000)
    log = request.param(retention=LONG)
    leases, saver = LeaseKeeper(MemoryLeases(), MemorySlots()), make_saver(store)
    answers = Answers(ai, log, store, allowance(MAX_RUNNING), leases=leases, saver=saver, grace=LONG, observe=ignore)
    yield answers
    await answers.close()


@pytest.fixture
def changes() -> Changes:
    return Changes()


@pytest.fixture
def conversations(store: FakeStore, answers: Answers, changes: Changes) -> Conversations:
    return Conversations(store, answers, changes)


@pytest.fixture
def questions(store: FakeStore, answers: Answers, conversations: Conversations, changes: Changes) -> Questions:
    return make_questions(store, answers, conversations=conversations, changes=changes)


@pytest.fixture
async def conversation(store: FakeStore) -> Conversation:
    return await add_conversation(store)


@pytest.fixture
def ended(answers: Answers, store: FakeStore) -> Ended:
    """Wait for the end of the answer to a question, and return it as stored."""

    async def ended(question: Exchange) -> Message:
        async for _ in answers.follow(question.answer.id, ANN):
            pass
        return store.messages[question.answer.id]

    return ended


@pytest.fixture
def reply(provider: ScriptedProvider, ended: Ended) -> Reply:
    """Have the model answer a question already asked, and return the answer as stored."""

    async def reply(question: Exchange, answer: str | Exception) -> Message:
        if isinstance(answer, str):
            provider.say(answer)
            provider.finish()
        else:
            provider.fail(answer)
        return await ended(question)

    return reply


@pytest.fixture
def ask(questions: Questions, reply: Reply) -> Ask:
    """Ask, and wait for the answer."""

    async def ask(conversation: Conversation, text: str, answer: str | Exception) -> Exchange:
        question = await questions.ask(AS_ANN, conversation, text)
        await reply(question, answer)
        return question

    return ask


@pytest.fixture
def edit(questions: Questions, reply: Reply) -> Edit:
    """Edit the question, and wait for the answer."""

    async def edit(conversation: Conversation, message_id: str, text: str, answer: str) -> Exchange:
        question = await questions.edit(AS_ANN, conversation, message_id, text)
        await reply(question, answer)
        return question

    return edit


def _create_tables(database_url: str) -> None:
    async def open_and_close() -> None:
        store = SqlStore(database_url)
        await store.open()
        await store.close()

    asyncio.run(open_and_close())
