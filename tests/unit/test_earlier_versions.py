"""A database and an archive from before messages had parts, as the program of 30 November 2026 wrote them.

``tests/data/before_parts.sql`` is a dump of an SQLite database with five conversations: the even ones are Bob's, the
others Ann's. ``tests/data/archive_version_1.json`` is an archive of the second and the third of them.
"""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from chat_app.infrastructure.sql.store import SqlStore
from chat_app.models.events import END, Cursor
from chat_app.models.message import Message, Outcome, Status, Usage
from chat_app.models.parts import Reasoning, Text
from chat_app.models.principal import Principal
from chat_app.services.answering.replay import cursor_of_lengths, replay
from chat_app.services.transfer.archive import ConversationTree, load
from tests.conversing import ANN, BOB
from tests.messages import text_in

DATA = Path(__file__).parents[1] / "data"
SECOND, THIRD = (f"{number:032}" for number in (2, 3))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    """The database, opened by this version."""
    path = tmp_path / "chat.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript((DATA / "before_parts.sql").read_text("utf-8"))
    store = SqlStore(f"sqlite:///{path}")
    await store.open()
    yield store
    await store.close()


def archived(owner: Principal) -> list[ConversationTree]:
    with (DATA / "archive_version_1.json").open("rb") as file:
        return list(load(file, owner))


def by_id(messages: list[Message]) -> list[Message]:
    return sorted(messages, key=lambda message: message.id)


async def test_a_conversation_is_the_same_from_the_database_and_from_the_archive(store: SqlStore):
    for owner, conversation_id in ((BOB, SECOND), (ANN, THIRD)):
        (talk,) = [talk for talk in archived(owner) if talk.conversation.id == conversation_id]
        assert await store.conversation(owner, conversation_id) == talk.conversation
        assert by_id(await store.tree(conversation_id)) == by_id(talk.messages)


async def test_text_and_reasoning_became_parts_and_the_rest_the_outcome(store: SqlStore):
    question, answer, *_ = by_id(await store.tree(SECOND))
    assert (question.text, question.author_id, question.outcome) == ("안녕? 하늘은 왜 파란가요?", BOB.key, None)
    reasoning, text = answer.parts
    assert isinstance(reasoning, Reasoning)
    assert (reasoning.text, reasoning.seconds) == ("The visitor asks in Korean.", 0.75)
    assert text == Text("빛이 **흩어져서** 그래요.\n\n```python\nprint('하늘')\n```")
    assert answer.outcome == Outcome(Status.COMPLETE, "stop", "gpt-5-mini", Usage(11, 7, 18))
    assert answer.outcome and answer.outcome.duration == 2.5
    assert (answer.author_id, answer.rating, answer.comment) == ("", 1, "Good")


async def test_an_answer_without_a_word_has_no_parts(store: SqlStore):
    failed = by_id(await store.tree(SECOND))[6]
    assert (failed.parts, failed.status, failed.error_code) == ((), Status.FAILED, "timeout")


async def test_an_answer_being_written_before_the_migration_is_interrupted(store: SqlStore):
    (answer_id,) = await store.streaming(ANN)
    await store.interrupt([answer_id])
    answer = await store.message(ANN, answer_id)
    assert answer and answer.status is Status.INTERRUPTED
    assert answer.parts == (Reasoning("Hm."), Text("Still being wri"))


async def test_migrated_conversations_are_found_as_before(store: SqlStore):
    assert len(await store.conversations(ANN, None)) + len(await store.conversations(ANN, None, pinned=True)) == 2
    (match, *_) = await store.search(BOB, ["RAYLEIGH", "scatter"], 10)
    assert match.text == "Rayleigh scattering."


async def test_a_reader_from_before_the_update_goes_on_where_it_was(store: SqlStore):
    answer = by_id(await store.tree(SECOND))[1]
    after = cursor_of_lengths(answer.parts, 4, 27)
    assert after == Cursor(1, 4)
    rest = replay(answer, after)
    assert text_in(rest) == answer.text[4:]
    assert rest[-1].cursor == END
