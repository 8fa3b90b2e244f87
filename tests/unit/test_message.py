"""Messages and conversations: default values and immutability."""

from dataclasses import FrozenInstanceError
from datetime import UTC, datetime, timedelta

import pytest

from chat_app.models.conversation import Conversation
from chat_app.models.message import Role, Status, new_id, now
from tests.conversing import ANN, BOB
from tests.messages import user_message


def test_ids_are_random_and_fit_into_an_address():
    ids = {new_id() for _ in range(100)}
    assert len(ids) == 100
    assert all(len(one) == 32 and set(one) <= set("0123456789abcdef") for one in ids)


def test_now_is_in_utc():
    assert now().tzinfo is UTC
    assert abs(now() - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_message_begins_a_conversation_unless_it_replies():
    message = user_message("Hello?")
    assert (message.parent_id, message.status, message.outcome) == (None, Status.COMPLETE, None)


def test_each_message_has_an_id_of_its_own():
    first, second = (user_message("Hello?") for _ in range(2))
    assert first.id != second.id
    assert Conversation(owner=ANN, title="").id != Conversation(owner=ANN, title="").id


def test_messages_and_conversations_can_not_be_changed():
    with pytest.raises(FrozenInstanceError):
        user_message("Hello?").role = Role.ASSISTANT  # type: ignore[misc] # the point
    with pytest.raises(FrozenInstanceError):
        Conversation(owner=ANN, title="").owner = BOB  # type: ignore[misc] # the point


def test_roles_and_statuses_have_the_words_that_are_stored_and_sent():
    assert [role.value for role in Role] == ["user", "assistant"]
    assert [status.value for status in Status] == ["streaming", "complete", "stopped", "failed", "interrupted"]
