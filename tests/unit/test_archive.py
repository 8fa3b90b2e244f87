"""The archive format: round trips, and refusal of damaged or foreign files."""

import json
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from functools import reduce
from io import BytesIO
from operator import getitem
from typing import Any

import pytest

from chat_app.models.conversation import Conversation, ConversationSettings
from chat_app.models.errors import InvalidArchive
from chat_app.models.message import Rating, Status, Usage
from chat_app.services.transfer import archive
from chat_app.services.transfer.archive import ConversationTree, dump
from tests.conversing import ANN, BOB, load
from tests.messages import assistant_message, changed, user_message

Q, A, B, R, C = (letter * 32 for letter in "qabrc")
UNKNOWN = "u" * 32
NOON = datetime(2025, 6, 1, 12, 0, 0, 123456, tzinfo=UTC)


def whole_talk() -> ConversationTree:
    """A conversation in which no field has its default value."""
    fields = {"conversation_id": C, "created_at": NOON}
    messages = [
        user_message('안녕? 👩‍👩‍👧‍👦\n"\\', id=Q, author_id=ANN.key, **fields),
        assistant_message(
            "Hello.",
            "A greeting.",
            id=A,
            parent_id=Q,
            finish="stop",
            model="gpt",
            usage=Usage(1, 2, 2**40),
            duration=2.5,
            seconds=0.25,
            rating=Rating.DOWN,
            comment="In Korean!",
            **fields,
        ),
        assistant_message("", id=B, parent_id=Q, status=Status.FAILED, error_code="timeout", **fields),
        user_message("And?", id=R, author_id=ANN.key, parent_id=A, **fields),
    ]
    conversation = Conversation(
        owner=ANN,
        title="Greetings",
        id=C,
        latest_id=R,
        created_at=NOON,
        updated_at=NOON + timedelta(days=1),
        is_titled=True,
        is_pinned=True,
        settings=ConversationSettings(
            instructions="Be brief.", temperature=0.0, top_p=0.5, max_tokens=9, reasoning_effort="low", web_search=True
        ),
    )
    return ConversationTree(conversation, messages)


def large_talk(number: int) -> ConversationTree:
    conversation = Conversation(owner=ANN, title="Large", id=f"{number:032}", latest_id=f"{number:033}")
    message = user_message("x" * 1_000_000, conversation_id=conversation.id, id=f"{number:033}")
    return ConversationTree(conversation, [message])


class TestRoundTrip:
    def test_an_archived_conversation_comes_back_as_it_was(self):
        empty = ConversationTree(Conversation(owner=ANN, title="Empty"), [])
        talks = [whole_talk(), empty]
        assert load(dump(talks), ANN) == talks

    def test_an_archived_conversation_belongs_to_whoever_loads_it(self):
        talk = whole_talk()
        messages = [replace(each, author_id=BOB.key if each.author_id else "") for each in talk.messages]
        assert load(dump([talk]), BOB) == [ConversationTree(replace(talk.conversation, owner=BOB), messages)]
        assert ANN.key not in dump([talk])

    def test_an_archive_may_have_no_conversations(self):
        assert load(dump([]), ANN) == []

    def test_an_answer_being_written_is_archived_as_interrupted(self):
        conversation, messages = whole_talk()
        messages[2] = changed(messages[2], text="Hel", status=Status.STREAMING, error_code="")
        ((_, restored),) = load(dump([ConversationTree(conversation, messages)]), ANN)
        assert restored[2] == changed(messages[2], status=Status.INTERRUPTED, error_code="interrupted")

    def test_archived_times_come_back_in_utc(self):
        conversation, _ = whole_talk()
        in_seoul = replace(conversation, created_at=NOON.astimezone(timezone(timedelta(hours=9))), latest_id=None)
        ((restored, _),) = load(dump([ConversationTree(in_seoul, [])]), ANN)
        assert (restored.created_at, restored.created_at.tzinfo) == (NOON, UTC)

    def test_an_archive_can_be_read_by_people(self):
        text = dump([whole_talk()])
        assert "안녕? 👩‍👩‍👧‍👦" in text
        assert json.loads(text)["conversations"][0]["messages"][1]["rating"] == -1


Change = Callable[[dict[str, Any]], object]


def put(**values: object) -> Change:
    return lambda part: part.update(values)


ARCHIVES: dict[str, Change] = {
    "another format": put(format="other"),
    "a later version": put(version=3),
    "a version as text": put(version="2"),
    "no conversations": put(conversations=None),
    "something more": put(more=1),
    "something less": lambda archive: archive.pop("version"),
}
CONVERSATIONS: dict[str, Change] = {
    "an id that is no id": put(id=f"../{C}"),
    "an empty id": put(id=""),
    "a short id": put(id="c" * 31),
    "a long id": put(id="c" * 65),
    "a long title": put(title="x" * 201),
    "a title that is none": put(title=1),
    "a pin that is none": put(is_pinned=1),
    "a time without an offset": put(updated_at="2025-06-01T12:00:00"),
    "a time that is none": put(created_at="yesterday"),
    "a time as a number": put(created_at=0),
    "a time before all time": put(created_at="0001-01-01T00:00:00+14:00"),
    "a time that is after all time elsewhere": put(updated_at="9999-12-31T20:00:00+00:00"),
    "a latest message that isn't there": put(latest_id=UNKNOWN),
    "no latest message": put(latest_id=None),
    "no messages": put(messages=[]),
    "an owner": put(owner=BOB.key),
    "one message twice": lambda conversation: conversation["messages"].append(conversation["messages"][-1]),
    "a reply before its message": lambda conversation: conversation["messages"].reverse(),
}
MESSAGES: dict[str, Change] = {
    "an id that is no id": put(id=f"{A} b"),
    "a parent that isn't there": put(parent_id=UNKNOWN),
    "a parent that is itself": put(parent_id=A),
    "an answer to nothing": put(parent_id=None),
    "another role": put(role="system"),
    "an answer to an answer": put(role="user"),
    "no parts": put(parts=None),
    "parts that are none": put(parts="Hello."),
    "a part without a kind": put(parts=[{"text": "Hello."}]),
    "a part with a field of the wrong type": put(parts=[{"kind": "text", "text": 5}]),
    "an answer being written": put(status="streaming"),
    "another status": put(status="done"),
    "less usage": put(usage={"prompt_tokens": 1, "completion_tokens": 2}),
    "negative usage": put(usage={"prompt_tokens": -1, "completion_tokens": 2, "total_tokens": 1}),
    "a negative duration": put(duration=-1.0),
    "another rating": put(rating=2),
    "a rating as text": put(rating="up"),
    "a long comment": put(comment="x" * 2001),
    "a long code": put(error_code="x" * 201),
    "something more": put(conversation_id=C),
    "something less": lambda message: message.pop("comment"),
}


class TestInvalidArchive:
    @staticmethod
    def refused(change: Change, *path: str | int) -> str:
        """The error for an archive with this change."""
        document = json.loads(dump([whole_talk()]))
        change(reduce(getitem, path, document))
        with pytest.raises(InvalidArchive) as caught:
            load(json.dumps(document), ANN)
        return str(caught.value)

    @pytest.mark.parametrize("name", ARCHIVES)
    def test_an_archive_of_another_form_is_refused(self, name: str):
        assert self.refused(ARCHIVES[name])

    @pytest.mark.parametrize("name", CONVERSATIONS)
    def test_an_archived_conversation_of_another_form_is_refused(self, name: str):
        assert "conversations.0" in self.refused(CONVERSATIONS[name], "conversations", 0)

    @pytest.mark.parametrize("name", MESSAGES)
    def test_an_archived_message_of_another_form_is_refused(self, name: str):
        assert "conversations.0" in self.refused(MESSAGES[name], "conversations", 0, "messages", 1)

    def test_a_message_with_the_id_of_something_else_on_the_page_is_refused(self):
        assert "messages.3.id" in self.refused(put(id="message"), "conversations", 0, "messages", 3)

    def test_half_a_character_in_an_archive_becomes_a_question_mark(self):
        document = json.loads(dump([whole_talk()]))
        document["conversations"][0]["title"] = "\ud83d!"
        ((conversation, _),) = load(json.dumps(document), ANN)
        assert conversation.title == "?!"

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("", "empty"),
            ("\ufeff", "empty"),
            ("{", "not_json"),
            ("chat", "not_json"),
            ("\0", "not_json"),
            (b"\xff", "not_json"),
            (dump([whole_talk()])[:-20], "not_json"),
            (dump([whole_talk()]).replace("2.5", "NaN"), "not_json"),
            (dump([whole_talk()]).replace(str(2**40), str(2**63)), "not_json"),
            ("[]", "no_archive"),
            ("null", "no_archive"),
            ("[" * 100_000, "no_archive"),
            ('{"a":' * 100_000, "no_archive"),
            ('{"format": "chat"}', "no_archive"),
            ('{"format": "chat", "version": 3, "new": []}', "other_version"),
            ('[{"title": "Cats", "mapping": {"a": {"message": null}}}]', "other_program ChatGPT"),
            ('[{"uuid": "1", "name": "Cats", "chat_messages": []}]', "other_program Claude"),
            ('{"format": "chat", "version": 1, "conversations": [1]}', "damaged"),
        ],
    )
    def test_a_file_that_is_no_archive_is_refused_as_what_it_is(self, text: str | bytes, problem: str):
        with pytest.raises(InvalidArchive) as caught:
            load(text, ANN)
        assert [caught.value.problem, *caught.value.values.values()][: len(problem.split())] == problem.split()

    @pytest.mark.parametrize("junk", ["{},", "0,", '"",', "[],"])
    def test_a_hostile_file_takes_little_memory(self, junk: str):
        many = junk * 1_000_000  # a list of them would have 8 MB
        start = '{"format": "chat", "version": 1, "conversations": [{"messages": ['
        file = BytesIO(f"{start}{many}0]}}]}}".encode())
        tracemalloc.start()
        with pytest.raises(InvalidArchive):
            list(archive.load(file, ANN))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 4_000_000

    def test_many_conversations_take_as_much_memory_as_one(self):
        def peak(count: int) -> int:
            file = BytesIO(dump([large_talk(number) for number in range(count)]).encode())
            tracemalloc.start()
            for _ in archive.load(file, ANN):
                pass
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            return most

        assert peak(20) < 2 * peak(2)

    def test_an_error_about_an_archive_does_not_repeat_what_people_wrote(self):
        assert "secret" not in self.refused(put(title="secret" * 100), "conversations", 0)
        assert len(self.refused(put(**{"x" * 100_000: 1}))) < 1000
