"""Exports as Markdown and JSON, by their owner alone."""

import unicodedata
from dataclasses import replace
from datetime import date

import pytest

from chat_app.models.conversation import Conversation
from chat_app.models.errors import NotFound, TooManyRequests
from chat_app.models.message import Role
from chat_app.models.parts import Source
from chat_app.models.principal import Principal
from chat_app.services.conversations.conversations import Conversations
from chat_app.services.conversations.versions import Versions
from chat_app.services.transfer.exports import PER_MINUTE, Exports, file_name
from tests.conversing import ANN, BOB, Ask, Edit, add_conversation, load
from tests.fakes import FakeStore, RemoteRateLimiter
from tests.messages import assistant_message, user_message

NAMES = {Role.USER: "You", Role.ASSISTANT: "Assistant"}


@pytest.fixture
def exports(store: FakeStore) -> Exports:
    return Exports(store, RemoteRateLimiter())


class TestMarkdown:
    async def test_exported_markdown_has_the_title_and_who_said_what(
        self, exports: Exports, ask: Ask, conversation: Conversation
    ):
        await ask(conversation, "One?", "It is **one**.")
        await ask(conversation, "Two?", "Two.")
        assert (await exports.markdown(ANN, conversation.id, NAMES)).split("\n\n") == [
            "# Hello?",
            "## You",
            "One?",
            "## Assistant",
            "It is **one**.",
            "## You",
            "Two?",
            "## Assistant",
            "Two.\n",
        ]

    async def test_exported_markdown_has_the_sources_of_an_answer_each_once(self, exports: Exports, store: FakeStore):
        cited = [
            Source("A [page]", "https://a.example/x>y"),
            Source("", "https://b.example"),
            Source("Bad", "javascript:alert(1)"),
        ]
        conversation = Conversation(owner=ANN, title="Rain")
        question = user_message("Rain?", conversation_id=conversation.id)
        answer = assistant_message("Yes.", conversation_id=conversation.id, parent_id=question.id)
        answer = replace(answer, parts=(*answer.parts, *cited, cited[0]))
        await store.add_conversation(replace(conversation, latest_id=answer.id), [question, answer])
        exported = await exports.markdown(ANN, conversation.id, NAMES)
        assert exported.endswith(
            "Yes.\n\n1. [A \\[page\\]](<https://a.example/xy>)\n2. [b.example](<https://b.example>)\n3. Bad\n"
        )

    async def test_exported_markdown_has_no_thoughts(self, exports: Exports, ask: Ask, conversation: Conversation):
        await ask(conversation, "One?", "<think>\nOne.\n</think>\n\nIt is **one**.")
        assert "think" not in await exports.markdown(ANN, conversation.id, NAMES)

    async def test_exported_markdown_has_the_branch_last_shown(
        self, exports: Exports, ask: Ask, edit: Edit, store: FakeStore
    ):
        conversation = await add_conversation(store, "Numbers")
        first = await ask(conversation, "One?", "One.")
        await edit(conversation, first.message.id, "Eins?", "Eins.")
        eins = await exports.markdown(ANN, conversation.id, NAMES)
        await Versions(store).switch_branch(conversation, first.message.id)
        one = await exports.markdown(ANN, conversation.id, NAMES)
        assert ("Eins." in eins, "One." in eins) == (True, False)
        assert ("Eins." in one, "One." in one) == (False, True)

    @pytest.mark.parametrize(
        ("text", "end"),
        [
            ("```python\nprint()", "\n```"),
            ("````\n```\nprint()", "\n````"),
            ("~~~\n```\n", "\n~~~"),
            ("```\nprint()\n```", ""),
            ("```\n```python\n```", ""),
            ("- one\n\n    ```not", ""),
            ("A ``` in between", ""),
        ],
    )
    async def test_a_code_block_that_was_cut_off_ends_with_its_message(
        self, exports: Exports, ask: Ask, conversation: Conversation, text: str, end: str
    ):
        await ask(conversation, "Code?", text)
        assert (await exports.markdown(ANN, conversation.id, NAMES)).endswith(f"## Assistant\n\n{text}{end}\n")

    async def test_an_exported_conversation_without_messages_is_a_title(
        self, exports: Exports, conversation: Conversation
    ):
        assert await exports.markdown(ANN, conversation.id, NAMES) == "# Hello?\n"


class TestJson:
    async def test_exported_json_has_all_versions(
        self, exports: Exports, ask: Ask, edit: Edit, conversations: Conversations, conversation: Conversation
    ):
        first = await ask(conversation, "One?", "One.")
        await edit(conversation, first.message.id, "Eins?", "Eins.")
        ((restored, messages),) = load(await exports.json(ANN, conversation.id), ANN)
        assert restored == await conversations.get(ANN, conversation.id)
        assert sorted(message.text for message in messages) == ["Eins.", "Eins?", "One.", "One?"]

    async def test_an_export_of_everything_leaves_out_the_deleted_and_begins_with_the_pinned(
        self, exports: Exports, conversations: Conversations, ask: Ask, store: FakeStore
    ):
        pinned, older, newer, deleted = [await add_conversation(store, title) for title in "abcd"]
        await add_conversation(store, "e", BOB)
        await ask(newer, "Hello?", "Hello.")
        await conversations.pin(ANN, pinned.id, True)
        await conversations.delete(ANN, deleted.id)
        talks = load(await exports.everything(ANN), ANN)
        assert [talk.conversation.id for talk in talks] == [pinned.id, newer.id, older.id]
        assert [len(talk.messages) for talk in talks] == [0, 2, 0]


@pytest.mark.parametrize("owner", [ANN, BOB])
async def test_only_an_own_conversation_that_is_not_deleted_can_be_exported(
    exports: Exports, conversations: Conversations, conversation: Conversation, owner: Principal
):
    if owner == ANN:
        await conversations.delete(ANN, conversation.id)
    with pytest.raises(NotFound):
        await exports.markdown(owner, conversation.id, NAMES)
    with pytest.raises(NotFound):
        await exports.json(owner, conversation.id)
    assert load(await exports.everything(owner), owner) == []


async def test_exports_are_rate_limited(exports: Exports, conversation: Conversation):
    for _ in range(PER_MINUTE):
        await exports.json(ANN, conversation.id)
    for export in (
        exports.json(ANN, conversation.id),
        exports.markdown(ANN, conversation.id, NAMES),
        exports.everything(ANN),
    ):
        with pytest.raises(TooManyRequests):
            await export
    assert load(await exports.everything(BOB), BOB) == []


DAY = date(2026, 11, 30)


class TestFileName:
    @pytest.mark.parametrize(
        ("title", "name"),
        [
            ("푸른 하늘", "푸른 하늘"),
            ("Trains in Europe", "Trains in Europe"),
            ("Why? And: how", "Why And how"),
            ('a/b\\c*d"e<f>g|h', "a b c d e f g h"),
            ("../../etc/passwd", "etc passwd"),
            (".bashrc", "bashrc"),
            ("two\nlines\tand a \0", "two lines and a"),
            ("  spaces  ", "spaces"),
            ("dots...", "dots"),
            ("CON", "CON_"),
            ("nul.txt", "nul_.txt"),
            ("photo\u202egpj.exe", "photogpj.exe"),
            ("family 👩\u200d👩\u200d👧", "family 👩\u200d👩\u200d👧"),
            ("x" * 200, "x" * 39 + "…"),
            ("long words " * 20, "long words long words long words long…"),
        ],
    )
    def test_a_file_is_named_after_the_title_and_the_date(self, title: str, name: str):
        assert file_name(title, DAY, "md") == f"{name} 2026-11-30.md"

    @pytest.mark.parametrize("title", ["", " ", "???", "...", "\u202e", "/"])
    def test_a_file_is_named_after_the_date_where_nothing_is_left_of_the_title(self, title: str):
        assert file_name(title, DAY, "json") == "2026-11-30.json"

    @pytest.mark.parametrize("char", ["x", "가", "👩", unicodedata.normalize("NFD", "가")], ids=ascii)
    def test_a_file_name_is_short_enough_for_every_file_system(self, char: str):
        assert len(file_name(char * 200, DAY, "json").encode()) <= 200
