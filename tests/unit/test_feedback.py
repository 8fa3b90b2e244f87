"""Ratings of answers, and comments on them."""

import pytest

from chat_app.models.errors import InvalidRequest, NotFound
from chat_app.models.message import Message, Rating
from chat_app.services.asking.questions import Exchange
from chat_app.services.conversations.feedback import MAX_COMMENT_CHARS, Feedback
from tests.conversing import ANN, BOB, Ask, add_conversation
from tests.fakes import FakeStore


@pytest.fixture
def feedback(store: FakeStore) -> Feedback:
    return Feedback(store)


@pytest.fixture
async def question(store: FakeStore, ask: Ask) -> Exchange:
    return await ask(await add_conversation(store), "Hello?", "Hello.")


@pytest.fixture
def answer(question: Exchange) -> Message:
    return question.answer


@pytest.mark.parametrize("rating", [Rating.UP, -1])
async def test_a_rating_is_kept_with_its_comment(feedback: Feedback, answer: Message, store: FakeStore, rating: int):
    await feedback.rate(ANN, answer.id, rating, "Nice.")
    assert (store.messages[answer.id].rating, store.messages[answer.id].comment) == (rating, "Nice.")
    assert isinstance(store.messages[answer.id].rating, Rating)


async def test_the_next_rating_replaces_rating_and_comment(feedback: Feedback, answer: Message, store: FakeStore):
    await feedback.rate(ANN, answer.id, Rating.DOWN, "Wrong.")
    await feedback.rate(ANN, answer.id, Rating.NONE)
    assert (store.messages[answer.id].rating, store.messages[answer.id].comment) == (Rating.NONE, "")


async def test_a_comment_has_a_limit(feedback: Feedback, answer: Message, store: FakeStore):
    await feedback.rate(ANN, answer.id, Rating.UP, "x" * MAX_COMMENT_CHARS)
    with pytest.raises(InvalidRequest):
        await feedback.rate(ANN, answer.id, Rating.DOWN, "x" * (MAX_COMMENT_CHARS + 1))
    assert store.messages[answer.id].rating is Rating.UP


@pytest.mark.parametrize("rating", [2, -2, 10**30])
async def test_an_unknown_rating_is_refused(feedback: Feedback, answer: Message, store: FakeStore, rating: int):
    with pytest.raises(InvalidRequest):
        await feedback.rate(ANN, answer.id, rating)
    assert store.messages[answer.id].rating is Rating.NONE


async def test_only_own_answers_can_be_rated(feedback: Feedback, question: Exchange, store: FakeStore):
    for owner, message_id in [(BOB, question.answer.id), (ANN, question.message.id), (ANN, "unknown")]:
        with pytest.raises(NotFound):
            await feedback.rate(owner, message_id, Rating.UP)
    assert {message.rating for message in store.messages.values()} == {Rating.NONE}
