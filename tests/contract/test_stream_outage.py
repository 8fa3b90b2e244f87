"""``/stream`` during outages of storage: readers are informed, and no answer is lost."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from chat_app.models.message import Status
from tests.contract.test_stream_owners import begin_conversation, messages_of
from tests.fake_upstream import FakeUpstream
from tests.server import ApiServer
from tests.stream_client import StreamClient, new_cookie

Serve = Callable[..., ApiServer]
Connect = Callable[..., StreamClient]


@contextmanager
def storage_away(folder: Path) -> Iterator[None]:
    """Make messages unreadable and unwritable inside the context."""
    with closing(sqlite3.connect(folder / "chat.db", timeout=30)) as database:
        database.execute("ALTER TABLE messages RENAME TO away")
        try:
            yield
        finally:
            database.execute("ALTER TABLE away RENAME TO messages")


def test_a_question_that_can_not_be_stored_is_refused_with_the_reason(
    upstream: FakeUpstream, serve: Serve, connect: Connect, tmp_path: Path
):
    server, cookie = serve(), new_cookie()
    conversation, client = begin_conversation(server, cookie), connect(server, cookie=cookie)
    with storage_away(tmp_path):
        refused = client.post("Hello", conversation_id=conversation.id)
        assert (refused.status, refused.error["code"], refused.error["retryable"]) == (503, "storage", True)
        assert upstream.calls == 0
    assert client.post("Hello", conversation_id=conversation.id).done["status"] == "complete"


def test_an_answer_that_ends_during_an_outage_is_read_whole_and_stored_afterwards(
    upstream: FakeUpstream, serve: Serve, connect: Connect, tmp_path: Path
):
    server, cookie = serve(), new_cookie()
    conversation, client = begin_conversation(server, cookie), connect(server, cookie=cookie)
    upstream.answer("One. Two.", chunk_size=5)
    upstream.hold(after=1)
    with client.following("Count", conversation_id=conversation.id) as frames:
        assert next(frames).data == {"chunk": "One. "}
        with storage_away(tmp_path):
            upstream.release()
            assert next(frames).data == {"chunk": "Two."}
            done = next(frames).data
            assert (done["done"], done["status"], done["stored"]) == (True, "complete", False)
    deadline = time.monotonic() + 10
    while messages_of(server, conversation)[-1].status is Status.STREAMING:
        assert time.monotonic() < deadline, "the answer isn't stored"
        time.sleep(0.05)
    assert messages_of(server, conversation)[-1].text == "One. Two."
    done = client.post("And then?", conversation_id=conversation.id).done
    assert done["status"] == "complete"
    assert "stored" not in done
