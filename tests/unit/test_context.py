"""Prompts that are longer than the model's context: their earliest messages are left out, and the answer says so."""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace

import pytest

from chat_app.agent import Agents
from chat_app.models.errors import TooLong
from chat_app.models.events import ModelEvent, StepEnded
from chat_app.models.file_content import Picture
from chat_app.models.listed_model import Abilities
from chat_app.models.message import Role, Turn
from chat_app.models.parts import Data, Text
from chat_app.models.request import EARLIER_MESSAGES, LEFT_OUT, Options
from chat_app.services.answering.ai_service import AIService, TimeLimits, model_agent
from chat_app.services.answering.context import fitting, shortened
from tests.conversing import assistant, user
from tests.fakes import ScriptedProvider

NOTICE = Data(LEFT_OUT, EARLIER_MESSAGES)
TALK = tuple(turn for number in range(10) for turn in (user(f"{number}" * 300), assistant(f"{number}" * 300)))
HELLO = user("Hello?")
OPTIONAL = Options(are_optional=True)


async def ask(
    provider: ScriptedProvider,
    history: Sequence[Turn] = TALK,
    *,
    options: Options = OPTIONAL,
    context: int | None = None,
) -> list[ModelEvent]:
    agent = replace(model_agent("scripted", provider), abilities=Abilities(context=context))
    ai = AIService(Agents(agent), limits=TimeLimits(60), max_chars=1000)
    async with aclosing(ai.stream_chat("Hello?", history, options=options)) as events:
        return [event async for event in events]


def test_documents_and_pictures_take_room():
    document = Turn(Role.USER, "", documents=("x" * 3000,))
    picture = Turn(Role.USER, "", pictures=(Picture(b"", "image/png", 1, 1),))
    for large in (document, picture):
        talk = (large, assistant("Yes."), user("One?"), assistant("1"), HELLO)
        assert fitting(talk, 10_000, OPTIONAL) == talk
        assert fitting(talk, 1000, OPTIONAL) == talk[2:]


class TestKnownContext:
    async def test_a_model_is_sent_the_newest_messages_that_fit(self, provider: ScriptedProvider):
        provider.say("Hi.")
        provider.finish()
        events = await ask(provider, context=1000)
        # Half of 1000 tokens at 3 bytes each: 1500 bytes, of which the question has 6.
        assert provider.calls == [[*TALK[-4:], HELLO]]
        assert events == [NOTICE, Text("Hi."), StepEnded("stop", "scripted")]

    @pytest.mark.parametrize("context", [None, 100_000])
    async def test_all_messages_are_sent_where_they_fit_or_the_context_is_unknown(
        self, provider: ScriptedProvider, context: int | None
    ):
        provider.finish()
        assert await ask(provider, context=context) == [StepEnded("stop", "scripted")]
        assert provider.calls == [[*TALK, HELLO]]

    async def test_a_clients_own_messages_are_sent_whole(self, provider: ScriptedProvider):
        provider.finish()
        await ask(provider, options=Options(), context=1000)
        assert provider.calls == [[*TALK, HELLO]]

    def test_an_answers_maximum_length_leaves_more_of_the_context_to_the_prompt(self):
        short, long = (fitting((*TALK, HELLO), 1200, Options(max_tokens=tokens)) for tokens in (100, 600))
        assert len(short) > len(long)

    def test_korean_takes_more_of_the_context_than_english(self):
        english, korean = (
            fitting(
                (*(turn for _ in range(10) for turn in (user(letter * 90), assistant(letter * 90))), HELLO),
                600,
                OPTIONAL,
            )
            for letter in "a가"
        )
        assert len(english) > len(korean)

    def test_instructions_count_towards_the_context(self):
        without, with_instructions = (
            fitting((*TALK, HELLO), 1000, Options(instructions=instructions))
            for instructions in ("", "Be brief." * 100)
        )
        assert len(with_instructions) < len(without)

    @pytest.mark.parametrize("context", range(1, 4000, 200))
    def test_a_prompt_begins_with_a_question_and_ends_with_the_newest_one(self, context: int):
        sent = fitting((*TALK, HELLO), context, OPTIONAL)
        assert (sent[0].role, sent[-1]) == (HELLO.role, HELLO)

    def test_the_exchange_before_the_question_stays_since_it_may_be_continued(self):
        assert fitting((*TALK, HELLO), 1, OPTIONAL) == (*TALK[-2:], HELLO)


class TestRefusal:
    async def test_a_prompt_that_is_too_long_is_sent_again_with_fewer_messages(self, provider: ScriptedProvider):
        provider.fail(TooLong())
        provider.say("Hi.")
        provider.finish()
        assert await ask(provider) == [NOTICE, Text("Hi."), StepEnded("stop", "scripted")]
        assert provider.calls == [[*TALK, HELLO], [*TALK[-8:], HELLO]]
        assert provider.open == 0

    async def test_a_prompt_that_cannot_be_shorter_fails(self, provider: ScriptedProvider):
        for _ in range(10):
            provider.fail(TooLong())
        with pytest.raises(TooLong):
            await ask(provider)
        assert [len(call) for call in provider.calls] == [21, 9, 3]

    async def test_a_question_without_history_is_sent_once(self, provider: ScriptedProvider):
        provider.fail(TooLong())
        with pytest.raises(TooLong):
            await ask(provider, ())
        assert len(provider.calls) == 1

    async def test_a_clients_own_messages_are_refused(self, provider: ScriptedProvider):
        provider.fail(TooLong())
        with pytest.raises(TooLong):
            await ask(provider, options=Options())
        assert len(provider.calls) == 1

    async def test_an_answer_that_has_begun_is_not_asked_for_again(self, provider: ScriptedProvider):
        provider.say("Hi")
        provider.fail(TooLong())
        with pytest.raises(TooLong):
            await ask(provider)
        assert len(provider.calls) == 1

    def test_half_of_a_prompt_begins_with_a_question(self):
        assert shortened((*TALK, HELLO))[0].role is HELLO.role
