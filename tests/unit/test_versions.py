"""Versions of messages, and switching between their branches."""

import pytest

from chat_app.models.conversation import Conversation
from chat_app.models.errors import NotFound, RateLimited
from chat_app.models.message import Version
from chat_app.models.principal import Principal
from chat_app.services.asking.questions import Exchange, Questions
from chat_app.services.conversations.conversations import Conversations
from chat_app.services.conversations.versions import Versions
from tests.conversing import ANN, AS_ANN, BOB, Ask, Edit, Reply, add_conversation, texts
from tests.fakes import FakeStore

pytestmark = pytest.mark.usefixtures("nothing_left")


@pytest.fixture
def versions(store: FakeStore) -> Versions:
    return Versions(store)


@pytest.fixture
async def edited(ask: Ask, edit: Edit, conversation: Conversation) -> list[Exchange]:
    """The question "One?" in three versions, each with its answer."""
    first = await ask(conversation, "One?", "One.")
    second = await edit(conversation, first.message.id, "Eins?", "Eins.")
    third = await edit(conversation, first.message.id, "하나?", "하나.")
    return [first, second, third]


class TestNumbers:
    async def test_a_message_that_was_never_changed_is_the_only_version(
        self, versions: Versions, ask: Ask, conversation: Conversation
    ):
        question = await ask(conversation, "Hello?", "Hello.")
        assert await versions.of([question.message, question.answer]) == {
            question.message.id: Version(1, 1),
            question.answer.id: Version(1, 1),
        }

    async def test_the_oldest_version_is_the_first_and_each_knows_its_neighbours(
        self, versions: Versions, edited: list[Exchange]
    ):
        first, second, third = (question.message.id for question in edited)
        assert await versions.of([question.message for question in edited]) == {
            first: Version(1, 3, None, second),
            second: Version(2, 3, first, third),
            third: Version(3, 3, second, None),
        }

    async def test_answers_have_versions_too(
        self, versions: Versions, ask: Ask, questions: Questions, conversation: Conversation, reply: Reply
    ):
        first = await ask(conversation, "Hello?", "Hello.")
        second = await questions.regenerate(AS_ANN, conversation, first.answer.id)
        await reply(second, "Hi.")
        assert await versions.of([second.message, second.answer]) == {
            second.message.id: Version(1, 1),
            second.answer.id: Version(2, 2, first.answer.id, None),
        }

    async def test_an_answer_that_failed_without_a_word_is_no_version(
        self, versions: Versions, ask: Ask, questions: Questions, conversation: Conversation, reply: Reply
    ):
        failed = await ask(conversation, "Hello?", RateLimited())
        assert await versions.of([failed.answer]) == {failed.answer.id: Version(1, 1)}
        second = await questions.retry(AS_ANN, conversation)
        await reply(second, "Hello.")
        assert await versions.of([second.answer]) == {second.answer.id: Version(1, 1)}
        third = await questions.regenerate(AS_ANN, conversation, second.answer.id)
        await reply(third, RateLimited())
        assert await versions.of([third.answer]) == {third.answer.id: Version(2, 2, second.answer.id, None)}

    async def test_no_messages_have_no_versions(self, versions: Versions):
        assert await versions.of([]) == {}

    async def test_a_message_deleted_meanwhile_is_the_only_version(
        self, versions: Versions, edited: list[Exchange], conversations: Conversations
    ):
        await conversations.delete_all(ANN)
        message = edited[1].message
        assert await versions.of([message]) == {message.id: Version(1, 1)}


class TestShowing:
    async def test_an_earlier_version_is_shown_with_what_followed_it(
        self, versions: Versions, edited: list[Exchange], conversation: Conversation, store: FakeStore
    ):
        shown = await versions.switch_branch(conversation, edited[0].message.id)
        assert shown.latest_id == edited[0].answer.id
        assert await texts(store, conversation) == ["One?", "One."]

    async def test_the_newest_of_several_branches_below_a_version_is_shown(
        self, versions: Versions, ask: Ask, edit: Edit, conversation: Conversation, store: FakeStore
    ):
        first = await ask(conversation, "One?", "One.")
        second = await ask(conversation, "Two?", "Two.")
        await edit(conversation, second.message.id, "Zwei?", "Zwei.")
        await edit(conversation, first.message.id, "Eins?", "Eins.")
        await versions.switch_branch(conversation, first.message.id)
        assert await texts(store, conversation) == ["One?", "One.", "Zwei?", "Zwei."]

    async def test_the_next_question_replies_to_the_version_shown(
        self, versions: Versions, edited: list[Exchange], ask: Ask, conversation: Conversation
    ):
        shown = await versions.switch_branch(conversation, edited[0].message.id)
        question = await ask(shown, "And?", "Two.")
        assert question.message.parent_id == edited[0].answer.id

    async def test_a_message_is_reached_in_the_branch_looked_at_or_in_its_own(
        self,
        versions: Versions,
        edited: list[Exchange],
        ask: Ask,
        conversations: Conversations,
        conversation: Conversation,
    ):
        first, _, third = edited
        current = await conversations.get(ANN, conversation.id)
        await ask(current, "And?", "Two.")
        current = await conversations.get(ANN, conversation.id)
        assert await versions.ensure_on_branch(current, third.answer.id) == (current, 3)
        reached, count = await versions.ensure_on_branch(current, first.message.id)
        assert (reached.latest_id, count) == (first.answer.id, 2)
        assert await conversations.get(ANN, conversation.id) == reached

    async def test_showing_a_version_does_not_move_the_conversation_in_the_list(
        self, versions: Versions, edited: list[Exchange], conversations: Conversations, conversation: Conversation
    ):
        before = await conversations.get(ANN, conversation.id)
        shown = await versions.switch_branch(before, edited[0].message.id)
        assert shown.updated_at == before.updated_at
        assert await conversations.get(ANN, conversation.id) == shown

    @pytest.mark.parametrize("owner", [ANN, BOB])
    async def test_nothing_of_another_conversation_is_shown(
        self,
        versions: Versions,
        edited: list[Exchange],
        conversations: Conversations,
        store: FakeStore,
        owner: Principal,
    ):
        other = await add_conversation(store, owner=owner)
        for message_id in (edited[0].message.id, "unknown"):
            with pytest.raises(NotFound):
                await versions.switch_branch(other, message_id)
        assert await conversations.get(owner, other.id) == other
