"""An SQL store after a restart and after a crash. The contract of the port is tested in ``tests/unit/ports``."""

from collections.abc import AsyncIterator

import pytest

from chat_app.infrastructure.sql.store import SqlStore
from chat_app.models.answer_record import EndedAnswer, Progress
from chat_app.models.conversation import Conversation
from chat_app.models.message import Outcome, Status
from chat_app.models.parts import Text
from tests.conversing import ANN
from tests.messages import assistant_message, user_message

QUESTION = user_message("Hello?")
ANSWER = assistant_message(parent_id=QUESTION.id, status=Status.STREAMING)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[SqlStore]:
    """A store with one conversation, of a question and its streaming answer."""
    store = SqlStore(database_url)
    await store.open()
    await store.add_conversation(Conversation(id=QUESTION.conversation_id, owner=ANN, title="Greetings"))
    await store.add_messages([QUESTION, ANSWER])
    yield store
    await store.close()


async def test_a_new_process_finds_everything_as_it_was_stored(store: SqlStore, database_url: str):
    await store.finish([EndedAnswer(ANSWER.id, (Text("Hello."),), Outcome(Status.COMPLETE, "stop"))])
    before = await store.conversations(ANN, 10), await store.branch(ANSWER.id, 10)
    await store.close()
    restarted = SqlStore(database_url)
    await restarted.open()
    assert (await restarted.conversations(ANN, 10), await restarted.branch(ANSWER.id, 10)) == before
    await restarted.close()


async def test_an_answer_of_a_killed_process_is_interrupted_and_keeps_its_text(store: SqlStore, database_url: str):
    await store.save_progress([Progress(ANSWER.id, 0, (Text("Hel"),))])
    restarted = SqlStore(database_url)  # the first one was never closed
    await restarted.open()
    await restarted.interrupt(await restarted.all_streaming())
    found = await restarted.message(ANN, ANSWER.id)
    await restarted.close()
    assert found
    assert (found.status, found.text) == (Status.INTERRUPTED, "Hel")


async def test_a_closed_store_can_be_opened_again(store: SqlStore):
    conversations = await store.conversations(ANN, 10)
    await store.close()
    await store.open()
    assert conversations
    assert await store.conversations(ANN, 10) == conversations
