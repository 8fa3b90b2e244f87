"""The prompt's history: the newest turns within the limits, starting with a question."""

import pytest

from chat_app.models.conversation import Conversation
from chat_app.models.errors import TooLong
from chat_app.models.message import Message, Role, Status, Turn
from chat_app.services.asking.history import History, unanswered
from tests.conversing import ANN, assistant, user
from tests.fakes import FakeStore, files_in
from tests.messages import assistant_message, changed, user_message

TALK = [turn for number in range(4) for turn in (user(f"{number}?"), assistant(f"{number}."))]


def history_of(store: FakeStore, *, max_messages: int, max_chars: int) -> History:
    return History(store, files_in(store), max_messages=max_messages, max_chars=max_chars)


async def add(store: FakeStore, turns: list[Turn], reasoning: str = "") -> list[Message]:
    """Store these turns as one branch, with the question "Last?" after them."""
    conversation = Conversation(owner=ANN, title="")
    await store.add_conversation(conversation)
    messages: list[Message] = []
    for turn in [*turns, user("Last?")]:
        parent_id = messages[-1].id if messages else None
        fields = {"conversation_id": conversation.id, "parent_id": parent_id}
        is_user = turn.role is Role.USER
        message = user_message(turn.text, **fields) if is_user else assistant_message(turn.text, reasoning, **fields)
        await store.add_messages([message])
        messages.append(message)
    return messages


async def seen(
    store: FakeStore, turns: list[Turn], *, max_messages: int = 100, max_chars: int = 1000, reasoning: str = ""
) -> list[Turn]:
    """The prompt made of these turns."""
    *_, last = await add(store, turns, reasoning)
    return await history_of(store, max_messages=max_messages, max_chars=max_chars).before(ANN, last)


class TestBeforeAMessage:
    async def test_thoughts_in_an_answers_text_are_not_sent(self, store: FakeStore):
        turns = [
            user("2+2?"),
            assistant("Let me see.\n</think>\n\nIt is 4."),
            user("<think>?</think>"),
            assistant("A tag."),
        ]
        sent = [turn.text for turn in await seen(store, turns)]
        assert sent == ["2+2?", "It is 4.", "<think>?</think>", "A tag."]

    async def test_history_has_all_messages_that_fit(self, store: FakeStore):
        assert await seen(store, TALK) == TALK

    async def test_history_is_empty_at_the_beginning(self, store: FakeStore):
        assert await seen(store, []) == []

    @pytest.mark.parametrize("max_messages", [4, 5])
    async def test_history_has_only_so_many_messages_and_begins_with_a_question(
        self, store: FakeStore, max_messages: int
    ):
        assert await seen(store, TALK, max_messages=max_messages) == TALK[-4:]

    @pytest.mark.parametrize("max_chars", [8, 10, 11])
    async def test_history_has_only_so_many_characters_and_begins_with_a_question(
        self, store: FakeStore, max_chars: int
    ):
        assert await seen(store, TALK, max_chars=max_chars) == TALK[-4:]

    async def test_a_message_too_long_hides_what_came_before(self, store: FakeStore):
        turns = [user("0?"), assistant("0."), user("1?"), assistant("1" * 20), user("2?"), assistant("2.")]
        assert await seen(store, turns, max_chars=10) == turns[-2:]

    @pytest.mark.parametrize("answer", ["", " \n"])
    async def test_a_question_without_an_answer_is_not_sent_again(self, store: FakeStore, answer: str):
        assert await seen(store, [*TALK, user("Forbidden?"), assistant(answer)]) == TALK

    async def test_nothing_is_sent_with_a_question_that_only_follows_one_without_an_answer(self, store: FakeStore):
        assert await seen(store, [user("0?"), assistant("")]) == []

    async def test_only_the_answered_one_of_two_questions_in_a_row_is_sent_again(self, store: FakeStore):
        assert await seen(store, [user("Forgotten?"), *TALK]) == TALK

    async def test_an_answer_that_a_content_filter_cut_off_is_not_sent_again(self, store: FakeStore):
        *messages, refused, last = await add(store, [*TALK, user("Forbidden?"), assistant("It is")])
        store.messages[refused.id] = changed(refused, status=Status.FAILED, error_code="blocked")
        assert await history_of(store, max_messages=100, max_chars=1000).before(ANN, last) == TALK
        assert unanswered([*messages, store.messages[refused.id]]) == {messages[-1].id}

    async def test_a_question_that_was_too_long_does_not_hide_what_came_before(self, store: FakeStore):
        assert await seen(store, [*TALK, user("?" * 100), assistant("")], max_chars=50) == TALK

    async def test_history_has_no_reasoning(self, store: FakeStore):
        assert await seen(store, TALK, max_chars=16, reasoning="Hm.") == TALK


class TestWithAnAnswer:
    async def test_question_and_answer_follow_the_messages_before(self, store: FakeStore):
        *_, question, answer, _ = await add(store, TALK)
        turns = await history_of(store, max_messages=100, max_chars=1000).with_answer(ANN, question, answer)
        assert turns == TALK

    async def test_history_with_an_answer_has_only_so_many_characters(self, store: FakeStore):
        *_, question, answer, _ = await add(store, TALK)
        turns = await history_of(store, max_messages=100, max_chars=8).with_answer(ANN, question, answer)
        assert turns == TALK[-4:]

    async def test_question_and_answer_are_sent_even_when_nothing_before_them_fits(self, store: FakeStore):
        *_, question, answer, _ = await add(store, TALK)
        turns = await history_of(store, max_messages=100, max_chars=2).with_answer(ANN, question, answer)
        assert turns[-2:] == TALK[-2:]

    async def test_an_answer_longer_than_fits_is_too_long(self, store: FakeStore):
        *_, question, answer, _ = await add(store, TALK, reasoning="Hm.")
        with pytest.raises(TooLong):
            await history_of(store, max_messages=100, max_chars=4).with_answer(ANN, question, answer)


class TestUnanswered:
    async def test_a_question_is_answered_while_its_answer_is_being_written(self, store: FakeStore):
        *branch, _ = await add(store, [*TALK, user("4?"), assistant("")])
        being_written = changed(branch[-1], status=Status.STREAMING)
        assert unanswered([*branch[:-1], being_written]) == set()

    async def test_the_last_question_is_unanswered_without_a_reply(self, store: FakeStore):
        branch = await add(store, TALK)
        assert unanswered(branch) == {branch[-1].id}
