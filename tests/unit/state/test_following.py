"""Streaming an answer into the page, part by part and frame by frame."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from functools import partial

import pytest

from chat_app import wiring
from chat_app.config import Settings
from chat_app.infrastructure.log.memory import MemoryAnswerLog
from chat_app.infrastructure.shared_state import shared_state
from chat_app.models.errors import SharedStateUnavailable, Truncated
from chat_app.models.events import START, Cursor, Entry
from chat_app.models.parts import Reasoning, Source, ToolCall, ToolResult
from chat_app.services.answering.saver import AnswerSaver
from chat_app.state.conversation import following
from chat_app.state.conversation.chat import ChatState
from chat_app.state.conversation.live_answer import LiveAnswer
from chat_app.texts import CATALOGUES
from chat_app.wiring import build
from tests.fakes import ScriptedProvider, until
from tests.unit.state.page import ANN, Page, Server

TEXTS = CATALOGUES["en"]


@pytest.fixture
def impatient_saver(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the wait for storage at an answer's end, and the backoff between retries."""
    monkeypatch.setattr(wiring, "AnswerSaver", partial(AnswerSaver, max_wait=0.1, backoff=[0.1]))


async def test_alternating_reasoning_and_text_stream_as_separate_parts(server: Server, page: Page):
    await page.send("Count")
    server.provider.say(Reasoning("I will "), Reasoning("count."))
    await until(lambda: page.shown_live == "I will count.")
    assert (page.live.kind, page.live.settled) == ("reasoning", [])
    server.provider.say("One. ")
    await until(lambda: page.shown_live == "One. ")
    assert page.live.kind == "text"
    assert [(part.kind, part.text) for part in page.live.settled] == [("reasoning", "I will count.")]
    server.provider.say(Reasoning("And on."))
    await until(lambda: page.shown_live == "And on.")
    assert page.live.kind == "reasoning"
    assert [part.kind for part in page.live.settled] == ["reasoning", "text"]
    server.answer("Two.")
    await page.settle()
    assert [(part.kind, part.text) for part in page.rows[-1].parts] == [
        ("reasoning", "I will count."),
        ("text", "One. "),
        ("reasoning", "And on."),
        ("text", "Two."),
    ]


async def test_ended_reasoning_shows_its_duration(server: Server, page: Page):
    await page.send("Count")
    server.provider.say(Reasoning("I will count."), "One.")
    await until(lambda: page.live.settled)
    assert page.live.settled[0].seconds == "0.0"


async def test_text_before_a_closing_tag_becomes_reasoning(server: Server, page: Page):
    await page.send("Count")
    server.provider.say("I will ", "count.")
    await until(lambda: page.shown_live == "I will count.")
    server.provider.say("</think>", "\n\nOne.")
    await until(lambda: page.shown_live == "One.")
    assert page.live.kind == "text"
    assert [(part.kind, part.text) for part in page.live.settled] == [("reasoning", "I will count.")]
    server.answer(" Two.")
    await page.settle()
    assert [(part.kind, part.text) for part in page.rows[-1].parts] == [
        ("reasoning", "I will count."),
        ("text", "One. Two."),
    ]


async def test_a_tool_and_a_source_are_shown_with_their_titles(server: Server, page: Page):
    await page.send("What is the weather like?")
    server.provider.say(
        ToolCall("1", "weather", '{"city": "Seoul"}', title="Weather"),
        ToolResult("1", "Sunny"),
        Source("Forecast", quote="Sunny all day"),
        "Sunny",
    )
    await until(lambda: page.shown_live == "Sunny")
    *tool, sources = page.live.settled
    assert [(part.kind, part.title, part.text) for part in tool] == [
        ("tool_call", "Weather", '{"city": "Seoul"}'),
        ("tool_result", "", "Sunny"),
    ]
    assert [(each.title, each.quote) for each in sources.sources] == [("Forecast", "Sunny all day")]
    server.answer(".")
    await page.settle()
    assert [part.kind for part in page.rows[-1].parts] == ["tool_call", "tool_result", "sources", "text"]


async def test_a_frame_sends_only_the_tail_of_the_text(server: Server, page: Page):
    await page.send("Count")
    server.provider.say("x" * 1000)
    await until(lambda: page.shown_live == "x" * 1000)
    before = len(page.sent(LiveAnswer))
    server.provider.say("Two.")
    await until(lambda: page.shown_live.endswith("Two."))
    assert page.sent(LiveAnswer)[before:] == [{"tail": "Two."}]


async def test_frames_do_not_send_the_messages_again(server: Server, page: Page):
    await page.send("Count")
    before = len(page.sent(ChatState))
    for piece in ("One. ", "Two. ", "Three. "):
        server.provider.say(piece)
        await until(lambda piece=piece: page.shown_live.endswith(piece))
    assert page.sent(ChatState)[before:] == []
    assert page.said == ["Count", ""]


async def test_pieces_that_arrive_together_are_sent_in_one_frame(server: Server, page: Page):
    await page.send("Count")
    server.provider.say(*["word "] * 500)
    await until(lambda: page.shown_live == "word " * 500)
    texts = [update for update in page.sent(LiveAnswer) if "tail" in update or "middle" in update]
    assert len(texts) <= 5


async def test_the_live_answer_is_empty_after_the_answer_joins_the_messages(server: Server, page: Page):
    server.provider.say(Reasoning("I will count."))
    server.answer("One.")
    await page.send("Count")
    await page.settle()
    assert (page.live.settled, page.live.kind, page.shown_live) == ([], "", "")


async def test_an_empty_answer_ends_streaming(server: Server, page: Page):
    server.provider.finish()
    await page.send("Count")
    await page.settle()
    assert not page.chat.is_loading
    assert page.said == ["Count", ""]


async def test_following_returns_at_once_without_a_streaming_answer(server: Server, page: Page):
    conversation = await server.add("Hello", "Hi there.")
    await page.go(f"/chat/{conversation.id}")
    await page.do(ChatState.follow)
    assert page.said == ["Hello", "Hi there."]
    assert page.chat.error == ""


async def test_an_answer_that_is_followed_twice_is_shown_once(server: Server, page: Page):
    await page.send("Count")
    server.provider.say("One. ")
    await until(lambda: page.shown_live == "One. ")
    again = await page.start(ChatState.follow)
    server.answer("Two.")
    await again
    await page.settle()
    assert page.said == ["Count", "One. Two."]


async def test_an_answer_continues_while_the_page_shows_something_else(server: Server, page: Page):
    conversation = await server.add("Hello", "Hi there.")
    await page.send("Count")
    path, answer_id = page.path, page.chat.live_id
    server.provider.say("One. ")
    await until(lambda: page.shown_live == "One. ")
    await page.go(f"/chat/{conversation.id}")
    assert (page.said, page.chat.is_loading, page.shown_live) == (["Hello", "Hi there."], False, "")
    server.answer("Two.")
    await server.ended(answer_id)
    await page.settle()
    assert (page.said, page.shown_live) == (["Hello", "Hi there."], "")
    await page.go(path)
    assert page.said == ["Count", "One. Two."]


async def test_returning_to_a_streaming_answer_shows_all_of_it(server: Server, page: Page):
    await page.send("Count")
    path = page.path
    server.provider.say("One. ")
    await until(lambda: page.shown_live == "One. ")
    await page.go("/")
    server.provider.say("Two. ")
    await page.go(path)
    await until(lambda: page.shown_live == "One. Two. ")
    server.answer("Three.")
    await page.settle()
    assert page.said == ["Count", "One. Two. Three."]


async def test_a_reconnected_page_resumes_the_streaming_answer(server: Server, page: Page):
    await page.send("Count")
    server.provider.say(Reasoning("I will count."), "One. ")
    await until(lambda: page.shown_live == "One. ")
    again = await server.open(ANN, page.path)
    await again.go(page.path)
    await until(lambda: again.shown_live == "One. ")
    assert [part.kind for part in again.live.settled] == ["reasoning"]
    server.answer("Two.")
    await again.settle()
    assert again.said == ["Count", "One. Two."]


async def test_deleting_a_conversation_in_another_tab_stops_its_answer(server: Server, page: Page):
    await page.send("Count")
    server.provider.say("One. ")
    await until(lambda: page.shown_live == "One. ")
    await server.delete(page.chat.conversation_id)
    await page.settle()
    assert not page.chat.is_loading
    assert page.said == ["Count", "One. "]
    assert server.provider.open == 0


async def test_a_truncated_answer_keeps_its_reasoning_and_text(server: Server, page: Page):
    server.provider.say(Reasoning("I will count."), "One. ")
    server.provider.fail(Truncated())
    await page.send("Count")
    await page.settle()
    assert [part.kind for part in page.rows[-1].parts] == ["reasoning", "text"]
    assert page.chat.error == TEXTS.errors["truncated"]


async def test_an_answer_at_the_length_limit_says_so_and_can_be_continued(server: Server, page: Page):
    server.provider.say("One. ")
    server.provider.finish("length")
    await page.send("Count")
    await page.settle()
    assert (page.rows[-1].note, page.rows[-1].can_be_continued) == ("cut_off", True)
    assert page.chat.error == ""


@pytest.mark.usefixtures("impatient_saver")
async def test_a_notice_is_shown_until_an_ended_answer_is_stored(server: Server, page: Page):
    server.provider.say("One. ")
    await page.send("Count")
    await until(lambda: page.shown_live == "One. ")
    with server.storage_away():
        server.answer("Two.")
        await until(lambda: not page.chat.is_loading)
        assert page.chat.error == TEXTS.not_stored
        assert page.said == ["Count", "One. Two."]
    await page.settle()
    assert page.chat.error == ""
    assert [message.text for message in await server.stored(page.chat.conversation_id)] == page.said


async def test_an_answer_whose_log_is_away_for_a_while_says_so_and_goes_on(
    settings: Settings, provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
):
    log = LogWithOutages(retention=60)
    monkeypatch.setattr(following, "OUTAGE_RETRY", 0.01)
    monkeypatch.setattr(wiring, "shared_state", lambda config: replace(shared_state(config), log=log))
    server = Server(build(settings, provider), provider)
    async with server.running():
        page = await server.open(ANN)
        await page.go("/")
        server.provider.say("One. ")
        await page.send("Count")
        await until(lambda: page.shown_live == "One. ")
        log.is_away = True
        server.provider.say("Two. ")
        await until(lambda: page.chat.error == TEXTS.answer_waits)
        assert page.chat.is_loading
        log.is_away = False
        await until(lambda: page.shown_live == "One. Two. ")
        assert page.chat.error == ""
        server.answer("Three.")
        await page.settle()
        assert page.said == ["Count", "One. Two. Three."]
    await server.services.answers.close()
    await server.services.store.close()


class LogWithOutages(MemoryAnswerLog):
    """An answer log that can't be read while it ``is_away``."""

    is_away = False

    async def read(self, answer_id: str, after: Cursor = START) -> AsyncGenerator[list[Entry], None]:
        async with aclosing(super().read(answer_id, after)) as batches:
            async for batch in batches:
                if self.is_away:
                    raise SharedStateUnavailable
                yield batch


async def test_a_server_shutdown_interrupts_the_answer_and_says_so(server: Server, page: Page):
    server.provider.say("One. ")
    await page.send("Count")
    await until(lambda: page.shown_live == "One. ")
    await server.services.answers.close()
    await page.settle()
    assert page.said == ["Count", "One. "]
    assert page.rows[-1].note == "interrupted"
    assert (page.chat.error, page.chat.can_retry) == (TEXTS.errors["interrupted"], True)
