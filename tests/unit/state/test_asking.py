"""Sending a message from the page, retrying, and stopping the answer."""

import pytest

from chat_app.models.errors import (
    Blocked,
    ChatError,
    Misconfigured,
    ModelTimeout,
    OptionRefused,
    QuotaExceeded,
    RateLimited,
    TooLong,
    Truncated,
    Unreachable,
    UpstreamFailed,
)
from chat_app.models.message import Status, new_id
from chat_app.state.conversation.chat import ChatState
from chat_app.state.conversation.message_actions import MessageActions
from chat_app.state.conversation.sending import LATEST
from chat_app.state.conversation.showing import WINDOW_BYTES
from chat_app.texts import CATALOGUES
from tests.fakes import until
from tests.unit.state.page import ANN, BOB, Page, Server

TEXTS = CATALOGUES["en"]
ERRORS = TEXTS.errors
NO_FORMS = [
    None,
    True,
    1,
    "Hello",
    [],
    ["message"],
    {},
    {"message": None},
    {"message": ["Hello"]},
    {"message": {"a": "b"}},
]
FROM_THE_MODEL = [
    error("secret detail")
    for error in (
        Blocked,
        Misconfigured,
        ModelTimeout,
        OptionRefused,
        QuotaExceeded,
        RateLimited,
        TooLong,
        Truncated,
        Unreachable,
        UpstreamFailed,
    )
]

one_at_once = pytest.mark.parametrize("settings", [{"max_running_answers_each": 1}], indirect=True)


class TestSending:
    async def test_a_sent_message_is_shown_at_once_with_an_empty_answer(self, page: Page):
        await page.do(ChatState.send, {"message": "Hello"}, "")
        question, answer = page.chat.latest
        assert (question.is_user, question.text) == (True, "Hello")
        assert (answer.is_user, page.said) == (False, ["Hello", ""])
        assert page.chat.messages == []
        assert page.chat.is_loading
        assert page.chat.live_id == page.chat.latest[-1].id

    async def test_a_first_message_redirects_to_its_conversation(self, page: Page):
        await page.do(ChatState.send, {"message": "Hello"}, "")
        assert page.redirects == [f"/chat/{page.chat.conversation_id}"]

    async def test_a_further_message_does_not_redirect(self, server: Server, page: Page):
        conversation = await server.add("Hello", "Hi there.")
        await page.go(f"/chat/{conversation.id}")
        await page.send("How are you?")
        assert page.redirects == []
        assert page.said == ["Hello", "Hi there.", "How are you?", ""]

    async def test_an_ended_answer_joins_the_messages(self, server: Server, page: Page):
        server.answer("Hi ", "there.")
        await page.send("Hello")
        await page.settle()
        assert page.said == ["Hello", "Hi there."]
        assert page.chat.latest[-1].model == "scripted"
        assert not page.chat.is_loading
        assert (page.chat.live_id, page.shown_live, page.chat.error) == ("", "", "")

    async def test_sent_and_shown_messages_equal_the_stored_ones(self, server: Server, page: Page):
        server.answer("Hi there.")
        await page.send("Hello", new_id())
        await page.settle()
        stored = await server.stored(page.chat.conversation_id)
        assert [(message.id, message.text) for message in stored] == [
            (row.id, said) for row, said in zip(page.rows, page.said, strict=True)
        ]

    async def test_the_answer_has_the_id_generated_by_the_browser(self, page: Page):
        sent_id = new_id()
        await page.do(ChatState.send, {"message": "Hello"}, sent_id)
        assert page.chat.live_id == sent_id
        assert any(sent_id in script for script in page.scripts)

    @pytest.mark.parametrize("sent_id", [None, 1, True, [], {}, "x", "\x00" * 32, "A" * 32, "../" * 11])
    async def test_a_malformed_answer_id_is_replaced(self, page: Page, sent_id: object):
        await page.do(ChatState.send, {"message": "Hello"}, sent_id)
        assert page.chat.live_id not in ("", sent_id)

    async def test_a_message_sent_twice_is_answered_once(self, server: Server, page: Page):
        sent_id = new_id()
        await page.send("Hello", sent_id)
        await page.do(ChatState.send, {"message": "Hello"}, sent_id)
        assert page.said == ["Hello", ""]
        assert len(await server.stored(page.chat.conversation_id)) == 2
        await until(lambda: server.provider.calls)
        assert len(server.provider.calls) == 1

    async def test_sending_with_the_id_of_someone_elses_answer_is_refused(self, server: Server, page: Page):
        theirs = await server.begin("My secret", "I keep it.", cookie=BOB)
        await page.do(ChatState.send, {"message": "Hello"}, theirs.answer.id)
        assert (page.chat.error, page.said) == (ERRORS["conflict"], [])

    @pytest.mark.parametrize("form", [*NO_FORMS, {"message": ""}, {"message": " \n\t "}])
    async def test_a_blank_message_is_not_sent(self, page: Page, form: object):
        scripts = len(page.scripts)
        await page.do(ChatState.send, form, new_id())
        assert page.said == []
        assert (page.chat.error, page.chat.is_loading) == ("", False)
        assert len(page.scripts) == scripts

    async def test_a_lone_surrogate_in_a_message_becomes_a_question_mark(self, page: Page):
        await page.do(ChatState.send, {"message": "Hello \ud800"}, "")
        assert page.said == ["Hello ?", ""]

    async def test_a_message_with_a_null_character_is_stored(self, server: Server, page: Page):
        server.answer("Hi.")
        await page.send("Hello \x00")
        await page.settle()
        assert len(await server.stored(page.chat.conversation_id)) == 2

    @pytest.mark.parametrize("settings", [{"max_message_chars": 10}], indirect=True)
    async def test_a_message_that_is_too_long_is_refused_and_restored(self, server: Server, page: Page):
        await page.do(ChatState.send, {"message": "Hello there"}, new_id())
        assert (page.chat.error, page.chat.can_retry) == (ERRORS["invalid"], False)
        assert any("Hello there" in script for script in page.scripts)
        assert (page.said, page.redirects, server.provider.calls) == ([], [], [])

    async def test_a_long_message_refused_by_the_browser_shows_an_error(self, page: Page):
        await page.do(ChatState.refuse_long)
        assert (page.chat.error, page.chat.can_retry) == (ERRORS["invalid"], False)

    @pytest.mark.parametrize("model", [None, 1, [], {}, "no such agent", "\x00", "scripted" * 10_000])
    async def test_an_unknown_agent_falls_back_to_the_default(self, server: Server, page: Page, model: object):
        server.answer("Hi.")
        await page.send("Hello", model=model)
        await page.settle()
        assert page.said == ["Hello", "Hi."]

    @one_at_once
    async def test_a_message_is_refused_while_too_many_answers_stream(self, server: Server, page: Page):
        await page.send("Hello")
        other = await server.open(ANN)
        await other.go("/")
        await other.send("Hello again")
        assert (other.chat.error, other.chat.can_retry) == (ERRORS["busy"], False)
        assert other.said == []

    @pytest.mark.parametrize("settings", [{"max_running_answers": 1}], indirect=True)
    async def test_a_message_to_a_full_server_is_refused_and_restored_and_can_be_sent_later(
        self, server: Server, page: Page
    ):
        await page.send("Hello")
        stranger = await server.open(BOB, address="203.0.113.8")
        await stranger.go("/")
        await stranger.send("Me too")
        assert (stranger.chat.error, stranger.chat.can_retry) == (ERRORS["busy"], False)
        assert any("Me too" in script for script in stranger.scripts)
        server.answer("Hi.")
        await page.settle()
        server.answer("Hi, too.")
        await stranger.send("Me too")
        await stranger.settle()
        assert (stranger.said, stranger.chat.error) == (["Me too", "Hi, too."], "")

    @pytest.mark.parametrize("settings", [{"max_requests_per_minute_each": 2}], indirect=True)
    async def test_a_message_over_the_rate_limit_is_refused_and_restored_for_its_visitor_alone(
        self, server: Server, page: Page
    ):
        for question in ("One?", "Two?"):
            server.answer("Yes.")
            await page.send(question)
            await page.settle()
        await page.send("Three?")
        assert page.chat.error.startswith(ERRORS["too_many_requests"])
        assert not page.chat.can_retry
        assert any("Three?" in script for script in page.scripts)
        stranger = await server.open(BOB, address="203.0.113.8")
        await stranger.go("/")
        server.answer("Yes.")
        await stranger.send("Four?")
        await stranger.settle()
        assert stranger.said == ["Four?", "Yes."]
        assert len(server.provider.calls) == 3

    async def test_a_message_to_someone_elses_conversation_is_refused(self, server: Server, page: Page):
        theirs = await server.add("My secret", "I keep it.", cookie=BOB)
        await page.go(f"/chat/{theirs.id}")
        await page.send("What do they say?")
        assert (page.chat.error, page.said) == (ERRORS["not_found"], [])
        assert any("What do they say?" in script for script in page.scripts)
        assert [message.text for message in await server.stored(theirs.id, BOB)] == ["My secret", "I keep it."]

    async def test_a_message_to_a_conversation_deleted_in_another_tab_is_refused_and_restored(
        self, server: Server, page: Page
    ):
        conversation = await server.add("Hello", "Hi there.")
        await page.go(f"/chat/{conversation.id}")
        await server.delete(conversation.id)
        await page.send("How are you?")
        assert (page.chat.error, page.chat.can_retry) == (ERRORS["not_found"], False)
        assert any("How are you?" in script for script in page.scripts)

    @pytest.mark.parametrize("is_first", [True, False])
    async def test_a_message_that_can_not_be_stored_is_refused_and_restored(
        self, server: Server, page: Page, is_first: bool
    ):
        if not is_first:
            await page.go(f"/chat/{(await server.add('Hello', 'Hi there.')).id}")
        before = page.said
        with server.storage_away():
            await page.send("How are you?")
        assert (page.chat.error, page.chat.can_retry) == (ERRORS["storage"], False)
        assert any("How are you?" in script for script in page.scripts)
        assert (page.said, page.chat.is_loading, server.provider.calls) == (before, False, [])
        server.answer("Fine.")
        await page.send("How are you?")
        await page.settle()
        assert (page.said, page.chat.error) == ([*before, "How are you?", "Fine."], "")

    async def test_a_message_without_a_cookie_is_refused(self, server: Server):
        page = await server.open("")
        await page.go("/")
        await page.send("Hello")
        assert (page.chat.error, page.said) == (ERRORS["not_found"], [])

    async def test_a_message_follows_the_version_on_its_own_page_whatever_another_tab_shows(
        self, server: Server, page: Page
    ):
        question = await server.begin("Hello", "Hi there.")
        path = f"/chat/{question.message.conversation_id}"
        other = await server.open(ANN)
        await page.go(path)
        await other.go(path)
        server.answer("Good day.")
        await other.do(MessageActions.regenerate, question.answer.id)
        await other.settle()
        server.answer("Fine.")
        await page.send("How are you?")
        await page.settle()
        assert page.said == ["Hello", "Hi there.", "How are you?", "Fine."]
        stored = await server.stored(question.message.conversation_id)
        assert [message.text for message in stored] == page.said
        assert [turn.text for turn in server.provider.calls[-1]] == page.said[:-1]

    async def test_a_question_with_a_failed_answer_is_marked_as_unanswered_after_the_next(
        self, server: Server, page: Page
    ):
        server.provider.fail(ModelTimeout())
        await page.send("Hello?")
        await page.settle()
        assert [row.is_unanswered for row in page.rows] == [False, True]
        server.answer("Hi.")
        await page.send("Anybody?")
        await page.settle()
        assert [row.is_unanswered for row in page.rows] == [True, True, False, False]
        assert [turn.text for turn in server.provider.calls[-1]] == ["Anybody?"]
        await page.go(page.path)
        assert [row.is_unanswered for row in page.rows] == [True, True, False, False]

    async def test_sending_in_a_long_conversation_updates_the_latest_messages_only(self, server: Server, page: Page):
        conversation = await server.add(*(str(number) for number in range(20)))
        await page.go(f"/chat/{conversation.id}")
        for number in range((LATEST - 2) // 2):
            before = len(page.sent(ChatState))
            server.answer("Yes.")
            await page.send(f"And {number}?")
            await page.settle()
            updates = page.sent(ChatState)[before:]
            assert any("latest" in update for update in updates)
            assert not any("messages" in update for update in updates)
        server.answer("Yes.")
        await page.send("And the last?")
        await page.settle()
        assert len(page.chat.latest) == 2
        assert len(page.rows) == 20 + LATEST

    async def test_long_answers_that_are_asked_for_on_the_page_leave_it_again(self, server: Server, page: Page):
        for number in range(6):
            server.answer(f"{number} " + "." * WINDOW_BYTES)
            await page.send(f"And {number}?")
            await page.settle()
            assert sum(row.size for row in page.rows) < 3 * WINDOW_BYTES
        assert page.chat.has_earlier
        assert page.said[-2] == "And 5?"


class TestFailedAnswer:
    @pytest.mark.parametrize("error", FROM_THE_MODEL, ids=lambda error: error.code)
    async def test_a_failed_answer_is_shown_with_its_error(self, server: Server, page: Page, error: ChatError):
        server.provider.fail(error)
        await page.send("Hello")
        await page.settle()
        assert page.chat.error == ERRORS[error.code]
        assert page.chat.can_retry == error.retryable
        assert page.chat.failed_id == page.chat.latest[-1].id
        assert page.chat.latest[-1].note == "failed"
        assert not page.chat.is_loading
        assert "secret" not in str(page.sent(ChatState))

    async def test_a_failed_answer_keeps_its_text(self, server: Server, page: Page):
        server.provider.say("Hi th")
        server.provider.fail(Truncated())
        await page.send("Hello")
        await page.settle()
        assert page.said == ["Hello", "Hi th"]
        assert page.chat.latest[-1].can_be_continued

    async def test_a_rate_limited_answer_shows_the_wait_also_after_a_reload(self, server: Server, page: Page):
        server.provider.fail(RateLimited(retry_after=6.2))
        await page.send("Hello")
        await page.settle()
        reason = f"{ERRORS['rate_limited']} {TEXTS.retry_after.format(seconds=7)}"
        assert page.chat.error == reason
        await page.do(ChatState.load)
        assert page.chat.error == reason

    async def test_an_internal_error_is_shown_without_its_text(self, server: Server, page: Page):
        server.provider.fail(ValueError("sk-secret"))
        await page.send("Hello")
        await page.settle()
        assert (page.chat.error, page.chat.can_retry) == (ERRORS["internal"], True)
        assert "sk-secret" not in str(page.sent(ChatState))

    async def test_the_next_message_clears_the_error_of_a_failed_answer(self, server: Server, page: Page):
        server.provider.fail(Truncated())
        await page.send("Hello")
        await page.settle()
        await page.send("Hello again")
        assert (page.chat.error, page.chat.can_retry, page.chat.failed_id) == ("", False, "")


class TestTryingAgain:
    async def test_retrying_answers_the_last_question_again(self, server: Server, page: Page):
        await _fail(server, page)
        server.answer("Hi.")
        await page.do(ChatState.try_again)
        assert page.chat.is_loading
        assert page.chat.error == ""
        await page.settle()
        assert page.said == ["Hello", "Hi."]
        assert not page.chat.is_loading
        assert [turn.text for turn in server.provider.calls[-1]] == ["Hello"]

    async def test_retrying_shows_the_loading_state_even_if_the_answer_ends_at_once(self, server: Server, page: Page):
        await _fail(server, page)
        sent = len(page.sent(ChatState))
        server.answer("Hi.")
        await page.do(ChatState.try_again)
        await page.settle()
        assert [update["is_loading"] for update in page.sent(ChatState)[sent:] if "is_loading" in update] == [
            True,
            False,
        ]

    async def test_a_retried_answer_can_fail_again(self, server: Server, page: Page):
        await _fail(server, page)
        server.provider.fail(ModelTimeout())
        await page.do(ChatState.try_again)
        await page.settle()
        assert (page.chat.error, page.chat.can_retry) == (ERRORS["timeout"], True)
        assert page.chat.failed_id == page.chat.latest[-1].id

    async def test_retrying_in_a_new_conversation_does_nothing(self, server: Server, page: Page):
        await page.do(ChatState.try_again)
        assert (page.said, page.chat.error, server.provider.calls) == ([], "", [])

    async def test_retrying_is_refused_while_an_answer_streams(self, server: Server, page: Page):
        await page.send("Hello")
        await page.do(ChatState.try_again)
        assert page.chat.error == ERRORS["busy"]
        assert page.chat.is_loading

    async def test_retrying_can_be_repeated_after_a_storage_outage(self, server: Server, page: Page):
        await _fail(server, page)
        with server.storage_away():
            await page.do(ChatState.try_again)
        assert (page.chat.error, page.chat.can_retry) == (ERRORS["storage"], True)
        assert page.said == ["Hello", ""]
        server.answer("Hi.")
        await page.do(ChatState.try_again)
        await page.settle()
        assert (page.said, page.chat.error) == (["Hello", "Hi."], "")

    async def test_retrying_in_someone_elses_conversation_is_refused(self, server: Server, page: Page):
        theirs = await server.add("My secret", "I keep it.", cookie=BOB)
        page.path = f"/chat/{theirs.id}"
        await page.do(ChatState.try_again)
        assert (page.chat.error, page.chat.can_retry, page.said) == (ERRORS["not_found"], False, [])
        assert len(await server.stored(theirs.id, BOB)) == 2

    async def test_retrying_in_a_conversation_deleted_in_another_tab_is_refused(self, server: Server, page: Page):
        await _fail(server, page)
        await server.delete(page.chat.conversation_id)
        await page.do(ChatState.try_again)
        assert (page.chat.error, page.chat.can_retry) == (ERRORS["not_found"], False)

    async def test_retrying_answers_a_later_question_asked_in_another_tab(self, server: Server, page: Page):
        await _fail(server, page)
        other = await server.open(ANN)
        await other.go(page.path)
        server.answer("Hi.")
        await other.send("Hello again")
        await other.settle()
        server.answer("Good day.")
        await page.do(ChatState.try_again)
        await page.settle()
        assert page.said == ["Hello", "", "Hello again", "Good day."]


class TestStopping:
    async def test_a_stopped_answer_keeps_its_text(self, server: Server, page: Page):
        server.provider.say("One. ")
        await page.send("Count")
        await until(lambda: page.shown_live == "One. ")
        await page.do(ChatState.stop)
        await page.settle()
        assert page.said == ["Count", "One. "]
        assert (page.chat.latest[-1].note, page.chat.latest[-1].can_be_continued) == ("stopped", True)
        assert (page.chat.is_loading, page.chat.error) == (False, "")
        assert (await server.stored(page.chat.conversation_id))[-1].status is Status.STOPPED
        assert server.provider.open == 0

    async def test_an_answer_can_be_stopped_before_its_first_word(self, server: Server, page: Page):
        await page.send("Count")
        await page.do(ChatState.stop)
        await page.settle()
        assert page.said == ["Count", ""]
        assert page.chat.latest[-1].note == "stopped"
        assert server.provider.open == 0

    async def test_stopping_an_answer_stops_it_in_every_tab(self, server: Server, page: Page):
        server.provider.say("One. ")
        await page.send("Count")
        other = await server.open(ANN)
        await other.go(page.path)
        await other.do(ChatState.stop)
        await page.settle()
        await other.settle()
        assert page.chat.latest[-1].note == other.chat.latest[-1].note == "stopped"
        assert server.provider.open == 0
        assert not page.chat.is_loading
        assert not other.chat.is_loading

    async def test_stopping_without_a_streaming_answer_does_nothing(self, server: Server, page: Page):
        await page.do(ChatState.stop)
        question = await server.begin("Hello", "Hi there.")
        await page.go(f"/chat/{question.message.conversation_id}")
        await page.do(ChatState.stop)
        assert (page.said, page.chat.error) == (["Hello", "Hi there."], "")
        assert page.chat.latest[-1].note == ""

    async def test_an_answer_can_be_stopped_during_a_storage_outage(self, server: Server, page: Page):
        server.provider.say("One. ")
        await page.send("Count")
        await until(lambda: page.shown_live == "One. ")
        with server.storage_away():
            await page.do(ChatState.stop)
            await until(lambda: server.provider.open == 0)
        await page.settle()
        assert page.said == ["Count", "One. "]
        assert page.chat.latest[-1].note == "stopped"


async def _fail(server: Server, page: Page) -> None:
    """Show a question whose answer has failed on the page."""
    server.provider.fail(Truncated())
    await page.send("Hello")
    await page.settle()
    assert page.chat.can_retry
