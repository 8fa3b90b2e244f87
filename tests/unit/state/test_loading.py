"""Showing the conversation that the page's address names."""

from dataclasses import replace

import pytest

from chat_app.models.conversation import Conversation
from chat_app.models.errors import NotFound, StorageUnavailable, Truncated
from chat_app.models.message import Status, new_id
from chat_app.models.parts import FOLLOW_UPS, Data
from chat_app.services.answering.ai_service import model_agent
from chat_app.state.conversation.chat import ChatState
from chat_app.state.conversation.model_menu import Starter
from chat_app.state.conversation.showing import LEAST, WINDOW, WINDOW_BYTES
from chat_app.state.sidebar import conversation_list
from chat_app.state.sidebar.conversation_list import ConversationList
from chat_app.texts import CATALOGUES
from tests.fakes import until
from tests.messages import assistant_message, user_message
from tests.unit.state.page import ANN, BOB, Page, Server, principal_of

ERRORS = CATALOGUES["en"].errors
LONG = [f"Message {number}" for number in range(2 * WINDOW + 10)]


async def test_the_page_of_a_new_conversation_is_empty_and_has_a_model(page: Page):
    assert page.chat.is_new
    assert (page.said, page.chat.title, page.chat.conversation_id) == ([], "", "")
    assert [each.name for group in page.chat.model_groups for each in group.models] == ["scripted"]
    assert page.chat.max_chars == 32_000
    assert not (page.chat.is_demo or page.chat.is_missing or page.chat.is_loading or page.chat.error)


async def test_a_new_conversation_suggests_the_first_messages_of_agents(server: Server, page: Page):
    weather = model_agent("weather", server.provider)
    server.services.agents.offer([replace(weather, starters=("Will it rain?",))])
    await page.go("/")
    assert page.chat.starters == [Starter("Will it rain?", "weather")]


async def test_questions_are_suggested_after_the_latest_answer_until_the_next_one(server: Server, page: Page):
    server.provider.say("It will rain.", Data(FOLLOW_UPS, ["And tomorrow?"]))
    await page.send("Will it rain?")
    assert page.chat.follow_ups == []
    server.provider.finish()
    await page.settle()
    assert page.chat.follow_ups == ["And tomorrow?"]
    await page.go(page.path)
    assert page.chat.follow_ups == ["And tomorrow?"]
    await page.send("And tomorrow?")
    assert page.chat.follow_ups == []


@pytest.mark.parametrize("settings", [{"openai_api_key": ""}], indirect=True)
async def test_the_page_says_that_the_demo_model_is_used(page: Page):
    assert page.chat.is_demo


async def test_a_stored_conversation_is_shown_with_its_title(server: Server, page: Page):
    conversation = await server.add("Hello", "Hi there.", title="Greetings")
    await page.go(f"/chat/{conversation.id}")
    assert page.said == ["Hello", "Hi there."]
    assert [row.is_user for row in page.rows] == [True, False]
    assert (page.chat.title, page.chat.conversation_id) == ("Greetings", conversation.id)
    assert not (page.chat.is_new or page.chat.is_missing or page.chat.has_earlier or page.chat.is_loading)


async def test_only_the_newest_messages_of_a_long_conversation_are_shown(server: Server, page: Page):
    conversation = await server.add(*LONG)
    await page.go(f"/chat/{conversation.id}")
    assert page.said == LONG[-WINDOW:]
    assert page.chat.has_earlier


async def test_earlier_messages_load_one_window_at_a_time(server: Server, page: Page):
    conversation = await server.add(*LONG)
    await page.go(f"/chat/{conversation.id}")
    await page.do(ChatState.load_earlier)
    assert page.said == LONG[-2 * WINDOW :]
    assert page.chat.has_earlier
    await page.do(ChatState.load_earlier)
    assert page.said == LONG
    assert not page.chat.has_earlier


async def test_fewer_messages_are_shown_at_first_if_they_are_long(server: Server, page: Page):
    long = [each.ljust(WINDOW_BYTES // 4, ".") for each in LONG]
    conversation = await server.add(*long)
    await page.go(f"/chat/{conversation.id}")
    assert page.said == long[-(LEAST + 4) :]
    await page.do(ChatState.load_earlier)
    assert page.said == long[-2 * (LEAST + 4) :]
    assert page.chat.has_earlier


async def test_the_last_exchange_is_shown_however_long_it_is(server: Server, page: Page):
    conversation = await server.add("Hello", "Hi there.", "한" * WINDOW_BYTES, "글" * WINDOW_BYTES)
    await page.go(f"/chat/{conversation.id}")
    assert page.said == ["Hello", "Hi there.", "한" * WINDOW_BYTES, "글" * WINDOW_BYTES]


async def test_load_all_loads_all_messages_at_once(server: Server, page: Page):
    conversation = await server.add(*LONG)
    await page.go(f"/chat/{conversation.id}")
    await page.do(ChatState.load_all)
    assert page.said == LONG
    assert not page.chat.has_earlier


async def test_a_reconnected_page_shows_as_many_messages_as_before(server: Server, page: Page):
    conversation = await server.add(*LONG)
    await page.go(f"/chat/{conversation.id}")
    await page.do(ChatState.load_all)
    await page.do(ChatState.load)
    assert page.said == LONG


async def test_each_conversation_starts_with_its_own_window(server: Server, page: Page):
    first, second = await server.add(*LONG), await server.add(*LONG)
    await page.go(f"/chat/{first.id}")
    await page.do(ChatState.load_all)
    await page.go(f"/chat/{second.id}")
    assert len(page.rows) == WINDOW


@pytest.mark.parametrize("handler", [ChatState.load_earlier, ChatState.load_all])
async def test_loading_earlier_messages_sends_nothing_if_none_exist(server: Server, page: Page, handler: object):
    conversation = await server.add("Hello", "Hi there.")
    await page.go(f"/chat/{conversation.id}")
    sent = len(page.sent(ChatState))
    await page.do(handler)
    assert page.said == ["Hello", "Hi there."]
    assert len(page.sent(ChatState)) == sent


@pytest.mark.parametrize("handler", [ChatState.load_earlier, ChatState.load_all])
async def test_loading_earlier_messages_during_a_storage_outage_shows_the_error(
    server: Server, page: Page, handler: object
):
    conversation = await server.add(*LONG)
    await page.go(f"/chat/{conversation.id}")
    with server.storage_away():
        await page.do(handler)
    assert (page.chat.error, page.chat.can_retry) == (ERRORS["storage"], False)
    assert page.said == LONG[-WINDOW:]


@pytest.mark.parametrize("handler", [ChatState.load_earlier, ChatState.load_all])
async def test_loading_earlier_messages_of_a_deleted_conversation_is_refused(
    server: Server, page: Page, handler: object
):
    conversation = await server.add(*LONG)
    await page.go(f"/chat/{conversation.id}")
    await server.delete(conversation.id)
    await page.do(handler)
    assert (page.chat.error, page.chat.can_retry) == (ERRORS["not_found"], False)


@pytest.mark.parametrize("path", ["", "/", "/chat/", "?"])
async def test_a_path_without_an_id_shows_a_new_conversation(page: Page, path: str):
    await page.go(path)
    assert page.chat.is_new
    assert not page.chat.is_missing


@pytest.mark.parametrize(
    "path",
    [
        "/chat",
        "/chat/x",
        "/chat/' OR 1=1; --",
        "/chat/\x00",
        "/chat/\ud800",
        f"/chat/{'x' * 10_000}",
        "//",
        "/a/b",
        "/chat/x/y",
    ],
)
async def test_an_unknown_path_shows_that_the_conversation_is_missing(page: Page, path: str):
    await page.go(path)
    assert page.chat.is_missing
    assert page.said == []


async def test_someone_elses_conversation_is_missing(server: Server, page: Page):
    conversation = await server.add("My secret", "I keep it.", cookie=BOB, title="Secret")
    await page.go(f"/chat/{conversation.id}")
    assert page.chat.is_missing
    assert (page.said, page.chat.title, page.chat.conversation_id) == ([], "", "")


async def test_a_deleted_conversation_is_missing(server: Server, page: Page):
    conversation = await server.add("Hello", "Hi there.")
    await server.delete(conversation.id)
    await page.go(f"/chat/{conversation.id}")
    assert page.chat.is_missing
    assert page.said == []


async def test_a_conversation_is_missing_without_a_cookie(server: Server):
    conversation = await server.add("Hello", "Hi there.")
    page = await server.open("", f"/chat/{conversation.id}")
    await page.do(ChatState.load)
    assert page.chat.is_missing
    assert page.said == []


@pytest.mark.parametrize("cookie", ["chat_visitor=short", f"chat_visitor={'A' * 43}", f"other={'A' * 43}.{'s' * 43}"])
async def test_a_malformed_cookie_counts_as_none(server: Server, cookie: str):
    conversation = await server.add("Hello", "Hi there.")
    page = await server.open(cookie, f"/chat/{conversation.id}")
    await page.do(ChatState.load)
    assert page.chat.is_missing


async def test_a_conversation_opened_during_a_storage_outage_is_shown_once_storage_is_back(
    server: Server, page: Page, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(conversation_list, "OUTAGE_RETRY", 0.01)
    conversation = await server.add("Hello", "Hi there.", title="Greetings")
    await page.start(ConversationList.watch)
    with server.storage_away():
        with pytest.raises(StorageUnavailable):
            await page.go(f"/chat/{conversation.id}")
        with pytest.raises(StorageUnavailable):
            await page.do(ConversationList.set_time_zone, 0)
        await until(lambda: page.chat.error == ERRORS["storage"])
        assert page.said == []
    await until(lambda: page.said)
    assert (page.said, page.chat.title, page.chat.error) == (["Hello", "Hi there."], "Greetings", "")
    assert [entry.title for group in page.list.groups for entry in group.conversations] == ["Greetings"]
    server.take_failures()


async def test_an_answer_that_streams_when_storage_is_back_is_followed(
    server: Server, page: Page, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(conversation_list, "OUTAGE_RETRY", 0.01)
    await page.send("Count")
    server.provider.say("One. ")
    other = await server.open(ANN)
    await other.start(ConversationList.watch)
    with server.storage_away(), pytest.raises(StorageUnavailable):
        await other.go(page.path)
    await until(lambda: other.shown_live == "One. ")
    server.answer("Two.")
    await until(lambda: other.said == ["Count", "One. Two."])
    server.take_failures()


async def test_opening_a_conversation_during_a_storage_outage_shows_the_error(server: Server, page: Page):
    conversation = await server.add("Hello", "Hi there.")
    with server.storage_away():
        with pytest.raises(StorageUnavailable):
            await page.go(f"/chat/{conversation.id}")
        await until(lambda: page.chat.error)
    assert (page.chat.error, page.chat.can_retry) == (ERRORS["storage"], False)
    assert [type(error) for error in server.take_failures()] == [StorageUnavailable]
    await page.do(ChatState.load)
    assert page.said == ["Hello", "Hi there."]
    assert page.chat.error == ""


async def test_opening_a_conversation_with_a_streaming_answer_shows_and_follows_it(server: Server, page: Page):
    server.provider.say("One. ")
    await page.send("Count")
    await until(lambda: page.shown_live == "One. ")
    other = await server.open(ANN, page.path)
    await other.go(page.path)
    assert other.chat.is_loading
    assert other.chat.live_id == page.chat.live_id != ""
    await until(lambda: other.shown_live == "One. ")
    server.answer("Two.")
    await other.settle()
    assert other.said == ["Count", "One. Two."]
    assert not other.chat.is_loading
    assert other.chat.live_id == ""


async def test_a_stored_failed_answer_shows_its_error_and_can_be_retried(server: Server, page: Page):
    conversation, failed_id = await _add_failed(server, Truncated.code)
    await page.go(f"/chat/{conversation}")
    assert (page.chat.error, page.chat.can_retry) == (ERRORS["truncated"], True)
    assert page.chat.failed_id == failed_id


async def test_a_stored_permanent_error_offers_no_retry(server: Server, page: Page):
    conversation, _ = await _add_failed(server, "blocked")
    await page.go(f"/chat/{conversation}")
    assert (page.chat.error, page.chat.can_retry) == (ERRORS["blocked"], False)


async def test_an_unknown_stored_error_code_is_shown_as_an_internal_error(server: Server, page: Page):
    conversation, _ = await _add_failed(server, "of_a_newer_version")
    await page.go(f"/chat/{conversation}")
    assert (page.chat.error, page.chat.can_retry) == (ERRORS["internal"], True)


async def test_an_error_is_cleared_when_another_conversation_opens(server: Server, page: Page):
    conversation, _ = await _add_failed(server, Truncated.code)
    await page.go(f"/chat/{conversation}")
    await page.go("/")
    assert (page.chat.error, page.chat.can_retry, page.chat.failed_id) == ("", False, "")
    assert page.chat.is_new


class TestSentOverALostConnection:
    async def test_every_load_asks_the_browser_for_unsent_messages(self, page: Page):
        assert ChatState.get_full_name() in page.scripts[-1]

    async def test_a_message_that_never_arrived_is_restored_and_forgotten(self, page: Page):
        lost = new_id()
        await page.do(ChatState.restore_unsent, [lost])
        put_back, forgotten = page.scripts[-2:]
        assert lost in put_back
        assert lost in forgotten

    async def test_a_message_that_arrived_is_forgotten_and_not_restored(self, server: Server, page: Page):
        question = await server.begin("Hello", "Hi there.")
        await page.go(f"/chat/{question.message.conversation_id}")
        await page.do(ChatState.restore_unsent, [question.answer.id])
        put_back, forgotten = page.scripts[-2:]
        assert question.answer.id not in put_back
        assert question.answer.id in forgotten
        assert page.redirects == []

    async def test_a_first_message_that_arrived_redirects_to_its_conversation(self, server: Server, page: Page):
        question = await server.begin("Hello", "Hi there.")
        await page.do(ChatState.restore_unsent, [new_id(), question.answer.id])
        assert page.redirects == [f"/chat/{question.message.conversation_id}"]

    async def test_an_unsent_id_of_someone_elses_answer_counts_as_never_arrived(self, server: Server, page: Page):
        question = await server.begin("My secret", "I keep it.", cookie=BOB)
        await page.do(ChatState.restore_unsent, [question.answer.id])
        assert question.answer.id in page.scripts[-2]
        assert page.redirects == []

    @pytest.mark.parametrize(
        "sent", [None, True, 1, "", "a" * 32, {}, {"a" * 32: 1}, [None], [1], ["x"], [["a" * 32]], ["A" * 32], ["\x00"]]
    )
    async def test_an_invalid_list_of_unsent_ids_is_ignored(self, page: Page, sent: object):
        scripts = len(page.scripts)
        await page.do(ChatState.restore_unsent, sent)
        assert len(page.scripts) == scripts

    async def test_twenty_unsent_ids_at_most_are_looked_up(self, page: Page):
        ids = [new_id() for _ in range(100)]
        await page.do(ChatState.restore_unsent, ids)
        assert [each in page.scripts[-1] for each in ids] == [True] * 20 + [False] * 80

    async def test_no_message_is_restored_during_a_storage_outage(self, server: Server, page: Page):
        scripts = len(page.scripts)
        with server.storage_away():
            with pytest.raises(StorageUnavailable):
                await page.do(ChatState.restore_unsent, [new_id()])
            await until(lambda: page.chat.error == ERRORS["storage"])
        assert len(page.scripts) == scripts
        server.take_failures()

    async def test_unsent_ids_are_not_looked_up_without_a_cookie(self, server: Server):
        page = await server.open("")
        with pytest.raises(NotFound):
            await page.do(ChatState.restore_unsent, [new_id()])
        await until(lambda: page.chat.error == ERRORS["not_found"])
        server.take_failures()


async def _add_failed(server: Server, code: str) -> tuple[str, str]:
    """Store a conversation whose answer has failed; returns its id and that of the answer."""
    conversation = Conversation(owner=principal_of(ANN), title="Hello?")
    question = user_message("Hello", conversation_id=conversation.id)
    answer = assistant_message(
        "Hi", conversation_id=conversation.id, parent_id=question.id, status=Status.FAILED, error_code=code
    )
    await server.services.store.add_conversation(replace(conversation, latest_id=answer.id), [question, answer])
    return conversation.id, answer.id
