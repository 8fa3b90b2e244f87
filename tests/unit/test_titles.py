"""Titles: suggested once by the model after the first complete answer, unless the owner has set one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest

from chat_app.models.conversation import Conversation
from chat_app.models.errors import RateLimited
from chat_app.models.events import StepEnded
from chat_app.models.message import Role, Status
from chat_app.models.parts import Reasoning
from chat_app.services.answering.ai_service import AIService, TimeLimits
from chat_app.services.conversations.changes import Changes
from chat_app.services.conversations.titles import TITLE_CHARS, Titles, title_from, title_in
from tests.clock import VIRTUAL_TIME, Backend
from tests.conversing import ANN, LONG
from tests.fakes import FakeStore, ScriptedProvider, agents_of, until
from tests.messages import assistant_message, user_message

MAX_CHARS = 100
MOMENT = 0.02  # seconds, enough for a background task that must not run
FIRST_WORDS = "Why is the sky"


@pytest.fixture(scope="module")
def anyio_backend() -> Backend:
    return VIRTUAL_TIME


class Titling:
    """A conversation of Ann's, and the service that titles it."""

    def __init__(self, provider: ScriptedProvider, store: FakeStore) -> None:
        self.conversation = Conversation(owner=ANN, title=FIRST_WORDS)
        self.changes = Changes()
        self.titles = Titles(
            AIService(agents_of(provider), limits=TimeLimits(LONG), max_chars=MAX_CHARS), store, self.changes
        )
        self._store = store

    async def suggest(self, **answer: Any) -> None:
        """Add a question and its answer, which ended with the given fields, and suggest a title."""
        question = user_message("Why is the sky blue?", conversation_id=self.conversation.id)
        fields = {"text": "It scatters.", "conversation_id": self.conversation.id, "parent_id": question.id, **answer}
        reply = assistant_message(**fields)
        await self._store.add_messages([question, reply])
        self.titles.suggest(self.conversation, question, reply.id)

    async def title(self) -> str:
        """The title once the owner or the model has chosen it."""
        async with asyncio.timeout(LONG), aclosing(self.changes.watch(ANN)) as watching:
            async for _ in watching:
                found = await self._store.conversation(ANN, self.conversation.id)
                if found and found.is_titled:
                    return found.title
        raise AssertionError


@pytest.fixture
async def titling(provider: ScriptedProvider, store: FakeStore) -> AsyncIterator[Titling]:
    titling = Titling(provider, store)
    await store.add_conversation(titling.conversation)
    yield titling
    await titling.titles.close()


@pytest.mark.usefixtures("nothing_left")
class TestSuggesting:
    async def test_the_model_is_asked_after_the_first_good_answer(self, titling: Titling, provider: ScriptedProvider):
        await titling.suggest()
        provider.say(Reasoning("Hm."), "Blue ", "sky")
        provider.finish()
        assert await titling.title() == "Blue sky"
        ((prompt,),) = provider.calls
        assert prompt.role is Role.USER
        assert "Question: Why is the sky blue?\n\nAnswer: It scatters." in prompt.text

    async def test_the_model_is_not_shown_thoughts_when_asked_for_a_title(
        self, titling: Titling, provider: ScriptedProvider
    ):
        await titling.suggest(text="Let me think.\n</think>\n\nIt scatters.")
        provider.say("A title about the sky.\n</think>\n\nBlue sky")
        provider.finish()
        assert await titling.title() == "Blue sky"
        ((prompt,),) = provider.calls
        assert "Answer: It scatters." in prompt.text

    async def test_the_model_is_shown_the_beginning_of_long_texts_when_asked_for_a_title(
        self, titling: Titling, provider: ScriptedProvider
    ):
        await titling.suggest(text="x" * 100_000)
        await until(lambda: provider.open)
        ((prompt,),) = provider.calls
        assert 500 < prompt.text.count("x") < 2000

    @pytest.mark.parametrize(
        "pieces",
        [
            ["x" * (MAX_CHARS + 1)],
            ["Blue", StepEnded("length")],
            ["x" * (TITLE_CHARS + 1), StepEnded("stop")],
            [StepEnded("stop")],
        ],
        ids=["no end", "cut off", "too long", "nothing"],
    )
    async def test_without_a_good_title_the_first_words_stay(
        self, titling: Titling, provider: ScriptedProvider, pieces: list[str | StepEnded]
    ):
        await titling.suggest()
        provider.say(*pieces)
        assert await titling.title() == FIRST_WORDS

    @pytest.mark.parametrize("pieces", [[], ["Blue"]], ids=["at once", "in the middle"])
    async def test_when_the_model_fails_the_first_words_stay(
        self, titling: Titling, provider: ScriptedProvider, pieces: list[str]
    ):
        await titling.suggest()
        provider.say(*pieces)
        provider.fail(RateLimited())
        assert await titling.title() == FIRST_WORDS

    async def test_a_title_is_not_asked_for_twice_at_once(self, titling: Titling, provider: ScriptedProvider):
        await titling.suggest()
        await until(lambda: provider.open)
        await titling.suggest()
        provider.say("Blue sky")
        provider.finish()
        assert await titling.title() == "Blue sky"
        assert len(provider.calls) == 1

    @pytest.mark.parametrize("reply", ["Blue sky", "x" * (MAX_CHARS + 1)], ids=["with a title", "in vain"])
    async def test_a_title_is_not_asked_for_again(self, titling: Titling, provider: ScriptedProvider, reply: str):
        await titling.suggest()
        provider.say(reply, StepEnded("stop"))
        await titling.title()
        await titling.suggest()  # by a caller that read the conversation before
        await asyncio.sleep(MOMENT)
        assert len(provider.calls) == 1

    @pytest.mark.parametrize(
        "answer",
        [
            {"status": Status.FAILED, "error_code": "timeout"},
            {"status": Status.STOPPED},
            {"status": Status.INTERRUPTED},
            {"status": Status.STREAMING},
            {"text": ""},
        ],
        ids=str,
    )
    async def test_a_title_is_asked_for_after_the_next_good_answer(
        self, titling: Titling, provider: ScriptedProvider, answer: dict[str, Any]
    ):
        await titling.suggest(**answer)
        await asyncio.sleep(MOMENT)
        assert provider.calls == []
        await titling.suggest()
        provider.say("Blue sky", StepEnded("stop"))
        assert await titling.title() == "Blue sky"

    async def test_a_conversation_that_has_been_renamed_is_not_asked_about(
        self, titling: Titling, store: FakeStore, provider: ScriptedProvider
    ):
        await store.rename(ANN, titling.conversation.id, "Mine")
        await titling.suggest()
        await asyncio.sleep(MOMENT)
        assert provider.calls == []
        assert await titling.title() == "Mine"

    async def test_a_title_the_owner_chooses_meanwhile_stays(
        self, titling: Titling, store: FakeStore, provider: ScriptedProvider
    ):
        await titling.suggest()
        await until(lambda: provider.open)
        await store.rename(ANN, titling.conversation.id, "Mine")
        provider.say("Blue sky", StepEnded("stop"))
        await until(lambda: not provider.open)
        await asyncio.sleep(MOMENT)
        assert await titling.title() == "Mine"

    async def test_a_conversation_that_has_been_deleted_is_not_asked_about(
        self, titling: Titling, store: FakeStore, provider: ScriptedProvider
    ):
        await titling.suggest()
        await store.delete_conversation(ANN, titling.conversation.id)
        await asyncio.sleep(MOMENT)
        assert provider.calls == []

    async def test_a_title_that_can_not_be_stored_is_logged(
        self, titling: Titling, store: FakeStore, provider: ScriptedProvider, caplog: pytest.LogCaptureFixture
    ):
        store.failing = {"suggest_title"}
        await titling.suggest()
        provider.say("Blue sky", StepEnded("stop"))
        await until(lambda: "could not be titled" in caplog.text)

    async def test_a_title_being_asked_for_when_the_app_ends_is_given_up(
        self, titling: Titling, provider: ScriptedProvider
    ):
        await titling.suggest()
        await until(lambda: provider.open)
        await titling.titles.close()
        assert provider.open == 0


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Hello?", "Hello?"),
        ("  \n Hello?\nIt's me.", "Hello?"),
        ("Hello\t  there", "Hello there"),
        ("word " * 20, " ".join(["word"] * 12) + "…"),
        ("x" * TITLE_CHARS, "x" * TITLE_CHARS),
        ("x" * 100, "x" * (TITLE_CHARS - 1) + "…"),
        ("안녕하세요" * 20, ("안녕하세요" * 20)[: TITLE_CHARS - 1] + "…"),
        ("", ""),
    ],
)
def test_the_first_words_are_the_first_line_cut_at_a_word(text: str, title: str):
    assert title_from(text) == title


@pytest.mark.parametrize(
    ("reply", "title"),
    [
        ("Blue sky", "Blue sky"),
        ("  Blue sky.\n", "Blue sky"),
        ('"Blue sky"', "Blue sky"),
        ("“Blue sky.”", "Blue sky"),
        ("«Ciel bleu»", "Ciel bleu"),
        ("**Blue sky**", "Blue sky"),
        ("# Blue sky", "Blue sky"),
        ("Title: Blue sky", "Blue sky"),
        ("**Title:** Blue sky", "Blue sky"),
        ("Why the **sky** is blue", "Why the sky is blue"),
        ("**Title**: “Blue sky”", "Blue sky"),
        ("제목: 푸른 하늘", "푸른 하늘"),
        ("「푸른 하늘」", "푸른 하늘"),
        ("Let me think.\n\nBlue sky", "Blue sky"),
        ("Titles in Python", "Titles in Python"),
        ("What's the `sky`?", "What's the `sky`?"),
        ("Sky: why it is blue", "Sky: why it is blue"),
        ("x" * TITLE_CHARS, "x" * TITLE_CHARS),
        ("x" * (TITLE_CHARS + 1), ""),
        ('""', ""),
        ("", ""),
    ],
)
def test_a_reply_is_a_title_with_something_around_it(reply: str, title: str):
    assert title_in(reply) == title


@pytest.mark.parametrize("character", ["👩‍👩‍👧", "🇰🇷", "👍🏽", "e\u0301", "\u1112\u1161\u11ab"])
@pytest.mark.parametrize("before", range(TITLE_CHARS - 8, TITLE_CHARS))
def test_no_character_of_a_title_is_cut_in_two(character: str, before: int):
    title = title_from("x" * before + character * 10)
    assert len(title) <= TITLE_CHARS
    beginnings = ["x" * (before - 1), *("x" * before + character * count for count in range(10))]
    assert title.removesuffix("…") in beginnings


def test_a_line_of_emoji_has_a_title():
    assert title_from("👩‍👩‍👧" * 20) == "👩‍👩‍👧" * 11 + "…"
