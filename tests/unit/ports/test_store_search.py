"""Contract of ``ports.Store.search``: words in titles and messages, whatever their case and composition."""

import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest

from chat_app.models.conversation import Conversation, SearchHit
from chat_app.models.message import Message
from chat_app.models.principal import Principal
from chat_app.services.ports import Store
from tests.conversing import ANN, BOB
from tests.messages import user_message

FORMS: tuple[Literal["NFC"], Literal["NFD"]] = ("NFC", "NFD")

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)


async def add(store: Store, *texts: str, title: str = "", owner: Principal = ANN, minutes: int = 0) -> Conversation:
    """Store a conversation with these messages in a row, last used some minutes after noon."""
    conversation = Conversation(owner=owner, title=title, updated_at=NOON + timedelta(minutes=minutes))
    messages: list[Message] = []
    for number, text in enumerate(texts):
        parent_id = messages[-1].id if messages else None
        created_at = NOON + timedelta(seconds=number)
        messages.append(user_message(text, conversation_id=conversation.id, parent_id=parent_id, created_at=created_at))
    await store.add_conversation(conversation, messages)
    return conversation


async def found(store: Store, *words: str, limit: int = 10) -> list[Conversation]:
    return [match.conversation for match in await store.search(ANN, words, limit)]


async def test_a_match_has_the_newest_message_with_the_text(store: Store):
    conversation = await add(store, "Apples?", "Red apples.", "Pears?", title="Fruit")
    (match,) = await store.search(ANN, ["apple"], 10)
    assert (match.conversation, match.text) == (conversation, "Red apples.")
    message = await store.message(ANN, match.message_id or "")
    assert message and message.text == "Red apples."


async def test_a_match_among_messages_of_one_moment_is_always_the_same(store: Store):
    conversation = await add(store)
    twins = [user_message("Apples", conversation_id=conversation.id, created_at=NOON) for _ in range(5)]
    await store.add_messages(twins)
    (match,) = await store.search(ANN, ["apple"], 10)
    assert match.message_id == max(twin.id for twin in twins)


async def test_a_match_of_the_title_alone_has_no_message(store: Store):
    conversation = await add(store, "Red?", title="Apples")
    assert await store.search(ANN, ["apple"], 10) == [SearchHit(conversation, None, "Apples")]


async def test_a_match_in_a_message_comes_before_one_in_the_title(store: Store):
    await add(store, "Red apples?", title="Apples")
    (match,) = await store.search(ANN, ["apple"], 10)
    assert match.text == "Red apples?"


async def test_all_branches_are_searched(store: Store):
    conversation = await add(store, "Hello?")
    other = user_message("Apples?", conversation_id=conversation.id)
    await store.add_messages([other])
    await store.add_messages([user_message("Pears?", conversation_id=conversation.id)])
    (match,) = await store.search(ANN, ["apple"], 10)
    assert match.message_id == other.id


async def test_the_most_recently_used_conversation_is_first(store: Store):
    second, first, third = [await add(store, "Apples", minutes=minutes) for minutes in (2, 3, 1)]
    assert await found(store, "apple") == [first, second, third]
    assert await found(store, "apple", limit=2) == [first, second]


async def test_matches_of_one_moment_keep_one_order(store: Store):
    together = [await add(store, "Apples") for _ in range(10)]
    assert await found(store, "apple") == sorted(together, key=lambda one: one.id, reverse=True)


async def test_conversations_of_others_and_deleted_ones_are_not_found(store: Store):
    await add(store, "Apples", title="Apples", owner=BOB)
    deleted = await add(store, "Apples", title="Apples")
    await store.delete_conversation(ANN, deleted.id)
    assert await found(store, "apple") == []
    await store.restore_conversation(ANN, deleted.id)
    assert await found(store, "apple") == [deleted]


async def test_search_words_may_come_in_any_order_and_in_different_lines(store: Store):
    conversation = await add(store, "The weather in\nSeoul is fine.", "서울의 날씨가\n좋아요.")
    for words in (["seoul", "weather"], ["WEATHER", "in", "Seoul"], ["좋아", "날씨", "서울"]):
        assert await found(store, *words) == [conversation]


async def test_all_search_words_are_in_one_message_or_in_the_title(store: Store):
    await add(store, "Red", "Apples", title="Fruit")
    in_message = await add(store, "Red apples", title="Fruit", minutes=2)
    in_title = await add(store, "Red", title="Red apples", minutes=1)
    assert await found(store, "apple", "red") == [in_message, in_title]
    assert await found(store, "fruit", "apple") == []


async def test_as_many_words_as_a_search_can_have_are_looked_for(store: Store):
    words = [chr(ord("가") + 28 * number) for number in range(100)]
    conversation = await add(store, " ".join(words))
    await add(store, " ".join(words[1:]))
    assert await found(store, *words) == [conversation]


SPELLINGS = [
    ("Red apples", "APPLES"),
    ("RED APPLES", "apples"),
    ("École", "école"),
    ("école", "ÉCOLE"),
    ("ÉCOLE", "école"),
    ("ÉcolE", "école"),
    ("Ärger", "ärger"),
    ("ПРИВЕТ, мир", "привет"),
    ("Привет, мир", "ПРИВЕТ"),
    ("안녕하세요", "녕하"),
    ("사과나무", "사과"),
    ("日本語の文章", "本語"),
    ("Fun 👩‍👩‍👧‍👦!", "👩‍👩‍👧‍👦"),
]


class TestSpelling:
    @pytest.mark.parametrize(("text", "wanted"), SPELLINGS)
    async def test_search_ignores_case_and_composition(self, store: Store, text: str, wanted: str):
        composed, decomposed = (unicodedata.normalize(form, text) for form in FORMS)
        conversations = [
            await add(store, composed, minutes=4),
            await add(store, decomposed, minutes=3),
            await add(store, title=composed, minutes=2),
            await add(store, title=decomposed, minutes=1),
        ]
        await add(store, "Something else", title="Something else")
        for form in FORMS:
            assert await found(store, unicodedata.normalize(form, wanted)) == conversations

    @pytest.mark.parametrize("char", ["%", "_", "/", "\\", "'", '"', "*", "?", "[a]", "(", "\ufffd"])
    async def test_no_character_of_a_search_word_is_a_wildcard(self, store: Store, char: str):
        conversation = await add(store, f"a{char}b")
        await add(store, "aXb", "a/Xb", "aa")
        assert await found(store, f"a{char}b") == [conversation]

    @pytest.mark.parametrize("text", ["\0", "\ud83d", "a\0b"], ids=ascii)
    async def test_a_character_that_cannot_be_stored_is_not_found(self, store: Store, text: str):
        await add(store, "Apples", "ab")
        assert await found(store, text) == []

    async def test_a_part_of_a_message_of_a_megabyte_is_found(self, store: Store):
        conversation = await add(store, "pear " * 200_000 + "apple" + " pear" * 100)
        assert await found(store, "Apple") == [conversation]
