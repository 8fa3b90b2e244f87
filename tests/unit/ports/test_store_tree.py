"""Contract of ``ports.Store``: branches, replies and whole trees of messages.

The messages of these tests have one letter as their id, and as their text:

    a ─ b ─┬─ c ─ d ─ e
           ├─ f ─ g
           └─ h
    i ─ j
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from chat_app.models.conversation import Conversation
from chat_app.models.message import Message, Status
from chat_app.services.ports import Store
from tests.conversing import ANN, BOB
from tests.messages import changed, user_message

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
PARENTS = {"a": None, "b": "a", "c": "b", "d": "c", "e": "d", "f": "b", "g": "f", "h": "b", "i": None, "j": "i"}
IN_ORDER = "abfghcdeij"
"""As they were written: the branch of ``c`` after those of its siblings, that of ``i`` last."""


@pytest.fixture
async def store(store: Store) -> Store:
    written = [
        message("one", letter, PARENTS[letter], NOON + timedelta(seconds=second))
        for second, letter in enumerate(IN_ORDER)
    ]
    await store.add_conversation(Conversation(id="one", owner=ANN, title=""), written)
    others = [message("other", "x", None), message("other", "y", "x")]
    await store.add_conversation(Conversation(id="other", owner=BOB, title=""), others)
    return store


def message(conversation_id: str, letter: str, parent_id: str | None, created_at: datetime = NOON) -> Message:
    return user_message(letter, id=letter, conversation_id=conversation_id, parent_id=parent_id, created_at=created_at)


def letters(messages: Sequence[Message]) -> str:
    return "".join(each.text for each in messages)


@pytest.mark.parametrize(
    ("message_id", "branch"),
    [("e", "abcde"), ("g", "abfg"), ("h", "abh"), ("b", "ab"), ("a", "a"), ("j", "ij"), ("y", "xy")],
)
async def test_a_branch_goes_from_its_first_message_to_the_one_asked_for(store: Store, message_id: str, branch: str):
    assert letters(await store.branch(message_id, 100)) == branch
    assert letters(await store.branch(message_id, None)) == branch
    assert letters(await store.branch(message_id, 2)) == branch[-2:]


async def test_a_tree_has_all_branches_of_one_conversation_parents_first(store: Store):
    tree = await store.tree("one")
    assert sorted(letters(tree)) == sorted(PARENTS)
    assert letters(await store.tree("other")) == "xy"
    assert await store.tree("unknown") == []
    places = {each.id: place for place, each in enumerate(tree)}
    assert all(each.parent_id is None or places[each.parent_id] < places[each.id] for each in tree)


async def test_replies_are_oldest_first(store: Store):
    assert await store.replies("one", [None, "b", "c", "e"]) == {None: ["a", "i"], "b": ["f", "h", "c"], "c": ["d"]}


async def test_replies_are_those_asked_for_and_of_that_conversation(store: Store):
    assert await store.replies("one", ["a"]) == {"a": ["b"]}
    assert await store.replies("one", [None]) == {None: ["a", "i"]}
    assert await store.replies("other", [None, "a"]) == {None: ["x"]}
    assert await store.replies("one", []) == {}


async def test_an_answer_that_failed_without_a_word_is_no_reply(store: Store):
    failed = [changed(message("other", letter, "y"), status=Status.FAILED) for letter in "vw"]
    await store.add_messages([changed(failed[0], text=""), failed[1]])
    assert await store.replies("other", ["y"]) == {"y": ["w"]}


async def test_replies_of_one_moment_keep_one_order(store: Store):
    twins = [message("other", letter, "y") for letter in "zvwu"]
    await store.add_messages(twins)
    assert await store.replies("other", ["y"]) == {"y": ["u", "v", "w", "z"]}


@pytest.mark.parametrize(
    ("message_id", "leaf"), [("a", "e"), ("b", "e"), ("f", "g"), ("h", "h"), ("e", "e"), ("i", "j"), ("x", "y")]
)
async def test_the_newest_leaf_is_the_end_that_was_written_last(store: Store, message_id: str, leaf: str):
    assert await store.newest_leaf(message_id) == leaf


async def test_an_answer_being_written_in_an_older_branch_makes_that_the_newest(store: Store):
    await store.add_messages([message("one", "k", "g", NOON + timedelta(minutes=1))])
    assert await store.newest_leaf("b") == "k"


async def test_a_reply_of_the_same_moment_is_the_leaf_whatever_its_id(store: Store):
    await store.add_messages([message("other", "z", "y"), message("other", "k", "z")])
    assert await store.newest_leaf("x") == "k"


async def test_the_newest_leaf_of_an_unknown_message_is_itself(store: Store):
    assert await store.newest_leaf("unknown") == "unknown"


async def test_a_very_long_conversation_has_a_newest_leaf(store: Store):
    parents = ["y", *(f"y{number}" for number in range(1000))]
    await store.add_messages([message("other", child, parent) for parent, child in pairwise(parents)])
    assert await store.newest_leaf("x") == parents[-1]
    assert [each.id for each in await store.tree("other")] == ["x", *parents]
    assert len(await store.branch(parents[-1], 10)) == 10
