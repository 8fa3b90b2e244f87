"""The list of conversations, and the watch that refreshes it after changes."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from chat_app.models.errors import NotFound, StorageUnavailable
from chat_app.models.message import now
from chat_app.state.conversation.chat import ChatState
from chat_app.state.conversation.message_actions import MessageActions
from chat_app.state.sidebar.conversation_list import MAX_OFFSET, STEP, WINDOW, ConversationList
from chat_app.texts import CATALOGUES
from tests.fakes import until
from tests.unit.state.page import ANN, BOB, Page, Server, principal_of

ERRORS = CATALOGUES["en"].errors


def titles_on(page: Page) -> list[str]:
    return [entry.title for group in page.list.groups for entry in group.conversations]


@pytest.fixture
async def page(server: Server) -> Page:
    """A tab of Ann's on the page for a new conversation, whose time zone isn't known yet."""
    page = await server.open(ANN)
    await page.go("/")
    return page


class TestTimeZone:
    async def test_the_browser_is_asked_for_its_time_zone(self, page: Page):
        await page.do(ConversationList.detect_time_zone)
        assert ConversationList.get_full_name() in page.scripts[-1]

    async def test_the_browser_is_asked_for_its_time_zone_once(self, page: Page):
        await page.do(ConversationList.set_time_zone, 540)
        scripts = len(page.scripts)
        await page.do(ConversationList.detect_time_zone)
        assert len(page.scripts) == scripts

    async def test_the_conversation_list_waits_for_the_time_zone(self, server: Server, page: Page):
        await server.add(title="Greetings")
        await page.do(ConversationList.show_older)
        await page.do(ConversationList.show_newer)
        assert (page.list.groups, page.list.is_empty) == ([], False)
        await page.do(ConversationList.set_time_zone, 0)
        assert titles_on(page) == ["Greetings"]

    @pytest.mark.parametrize("offset", [-MAX_OFFSET, -60, 0, 540, MAX_OFFSET])
    async def test_conversations_are_grouped_by_days_of_the_visitors_time_zone(
        self, server: Server, page: Page, offset: int
    ):
        midnight = now().astimezone(timezone(timedelta(minutes=offset))).replace(hour=0, minute=0, second=0)
        await server.add(title="After midnight", updated_at=midnight.astimezone(UTC))
        await server.add(title="Before midnight", updated_at=midnight.astimezone(UTC) - timedelta(seconds=2))
        await page.do(ConversationList.set_time_zone, offset)
        assert [(group.heading, group.conversations[0].title) for group in page.list.groups] == [
            ("today", "After midnight"),
            ("yesterday", "Before midnight"),
        ]

    @pytest.mark.parametrize(
        "offset", [None, "60", 1e308, float("nan"), float("inf"), MAX_OFFSET + 1, -MAX_OFFSET - 1, 10**30, [], {}, [60]]
    )
    async def test_an_invalid_time_zone_offset_counts_as_utc(self, server: Server, page: Page, offset: object):
        await server.add(title="Greetings")
        await page.do(ConversationList.set_time_zone, offset)
        assert [group.heading for group in page.list.groups] == ["today"]


class TestListing:
    async def test_conversations_are_grouped_by_day_below_pinned_ones(self, server: Server, page: Page):
        for days, title in enumerate(["Now", "One day", "Two days"]):
            await server.add(title=title, updated_at=now() - timedelta(days=days))
        await server.add(title="Old", updated_at=datetime(2020, 1, 1, tzinfo=UTC))
        await server.add(title="Pinned", updated_at=datetime(2021, 1, 1, tzinfo=UTC), is_pinned=True)
        await page.do(ConversationList.set_time_zone, 0)
        assert [(group.heading, [entry.title for entry in group.conversations]) for group in page.list.groups] == [
            ("pinned", ["Pinned"]),
            ("today", ["Now"]),
            ("yesterday", ["One day"]),
            ("this_week", ["Two days"]),
            ("earlier", ["Old"]),
        ]
        assert not page.list.is_empty

    async def test_an_empty_conversation_list_says_so(self, server: Server, page: Page):
        await server.add(title="Bob's", cookie=BOB)
        await page.do(ConversationList.set_time_zone, 0)
        assert (page.list.groups, page.list.is_empty, page.list.has_older) == ([], True, False)

    async def test_a_conversation_with_a_streaming_answer_is_marked(self, server: Server, page: Page):
        await page.send("Hello")
        await page.do(ConversationList.set_time_zone, 0)
        assert [entry.is_answering for group in page.list.groups for entry in group.conversations] == [True]

    async def test_the_conversation_list_shows_a_sliding_window(self, server: Server, page: Page):
        all_titles = await _add_many(server, WINDOW + STEP + 5)
        await page.do(ConversationList.set_time_zone, 0)
        assert titles_on(page) == all_titles[:WINDOW]
        assert (page.list.steps, page.list.has_older) == (0, True)
        await page.do(ConversationList.show_older)
        assert titles_on(page) == all_titles[STEP : STEP + WINDOW]
        assert (page.list.steps, page.list.has_older) == (1, True)
        await page.do(ConversationList.show_older)
        assert titles_on(page) == all_titles[2 * STEP :]
        assert (page.list.steps, page.list.has_older) == (2, False)
        await page.do(ConversationList.show_older)
        assert page.list.steps == 2
        await page.do(ConversationList.show_newer)
        await page.do(ConversationList.show_newer)
        assert titles_on(page) == all_titles[:WINDOW]
        await page.do(ConversationList.show_newer)
        assert (page.list.steps, page.list.has_older) == (0, True)

    async def test_an_unchanged_conversation_list_is_not_sent_again(self, server: Server, page: Page):
        await server.add(title="Greetings")
        await page.do(ConversationList.set_time_zone, 0)
        sent = len(page.sent(ConversationList))
        await page.do(ConversationList.set_time_zone, 0)
        assert len(page.sent(ConversationList)) == sent

    async def test_a_storage_outage_keeps_the_conversation_list_and_shows_the_error(self, server: Server, page: Page):
        await _add_many(server, WINDOW + 1)
        await page.do(ConversationList.set_time_zone, 0)
        before = titles_on(page)
        with server.storage_away():
            with pytest.raises(StorageUnavailable):
                await page.do(ConversationList.show_older)
            await until(lambda: page.chat.error == ERRORS["storage"])
        server.take_failures()
        assert titles_on(page) == before
        await page.do(ConversationList.show_older)
        assert page.list.steps == 1
        await page.do(ConversationList.show_newer)
        assert titles_on(page) == before

    async def test_the_conversation_list_is_empty_without_a_cookie(self, server: Server):
        await server.add(title="Greetings")
        page = await server.open("")
        with pytest.raises(NotFound):
            await page.do(ConversationList.set_time_zone, 0)
        await until(lambda: page.chat.error == ERRORS["not_found"])
        server.take_failures()
        assert page.list.groups == []


class TestWatching:
    @pytest.fixture
    async def page(self, server: Server, page: Page) -> Page:
        """A tab of Ann's that watches her conversations."""
        await page.do(ConversationList.set_time_zone, 0)
        await page.start(ConversationList.watch)
        return page

    @pytest.fixture
    async def other(self, server: Server) -> Page:
        """Another tab of Ann's."""
        other = await server.open(ANN)
        await other.go("/")
        return other

    async def test_a_conversation_begun_in_another_tab_appears_in_the_list(
        self, server: Server, page: Page, other: Page
    ):
        await other.send("Hello")
        await until(lambda: titles_on(page) == ["Hello"])
        server.answer("Hi.")
        await until(lambda: not page.list.groups[0].conversations[0].is_answering)

    async def test_a_conversation_deleted_in_another_tab_vanishes_from_the_list(self, server: Server, page: Page):
        conversation = await server.add(title="Greetings")
        await page.do(ConversationList.set_time_zone, 0)
        await server.delete(conversation.id)
        await until(lambda: page.list.is_empty)

    async def test_a_title_changed_in_another_tab_is_shown(self, server: Server, page: Page):
        conversation = await server.add("Hello", "Hi there.")
        await page.go(f"/chat/{conversation.id}")
        await server.services.conversations.rename(conversation.owner, conversation.id, "Greetings")
        await until(lambda: page.chat.title == "Greetings")
        assert page.said == ["Hello", "Hi there."]

    @pytest.mark.parametrize("settings", [{"suggest_titles": True}], indirect=True)
    async def test_the_title_that_the_model_suggests_after_the_first_answer_is_shown(self, server: Server, page: Page):
        server.answer("They purr.")
        await page.send("What do cats do?")
        assert titles_on(page) == ["What do cats do?"]
        server.answer("Sounds of cats")
        await until(lambda: page.chat.title == "Sounds of cats" and titles_on(page) == ["Sounds of cats"])
        server.answer("They bark.")
        await page.send("And dogs?")
        await until(lambda: page.said[-1] == "They bark.")
        assert len(server.provider.calls) == 3

    async def test_a_question_asked_in_another_tab_is_shown_and_its_answer_streamed(
        self, server: Server, page: Page, other: Page
    ):
        conversation = await server.add("Hello", "Hi there.")
        await page.go(f"/chat/{conversation.id}")
        await other.go(f"/chat/{conversation.id}")
        await other.send("How are you?")
        await until(lambda: page.chat.is_loading)
        server.provider.say("Fi")
        await until(lambda: page.shown_live == "Fi")
        server.answer("ne.")
        await until(lambda: page.said == ["Hello", "Hi there.", "How are you?", "Fine."])

    async def test_a_version_chosen_in_another_tab_is_shown(self, server: Server, page: Page, other: Page):
        exchange = await server.begin("Hello", "Hi there.")
        path = f"/chat/{exchange.message.conversation_id}"
        await page.go(path)
        await other.go(path)
        server.answer("Good day.")
        await other.do(MessageActions.regenerate, exchange.answer.id)
        await until(lambda: page.said == ["Hello", "Good day."])

    async def test_a_conversation_deleted_in_another_tab_stays_on_the_page(self, server: Server, page: Page):
        conversation = await server.add("Hello", "Hi there.")
        await page.do(ConversationList.set_time_zone, 0)
        await page.go(f"/chat/{conversation.id}")
        await server.delete(conversation.id)
        await until(lambda: page.list.is_empty)
        assert (page.said, page.chat.error) == (["Hello", "Hi there."], "")

    async def test_the_conversation_list_never_shows_conversations_of_others(self, server: Server, page: Page):
        stranger = await server.open(BOB)
        await stranger.go("/")
        await stranger.send("My secret")
        server.services.changes.notify(principal_of(ANN))
        await until(lambda: page.list.is_empty)
        assert titles_on(page) == []

    async def test_the_watch_survives_a_storage_outage(self, server: Server, page: Page):
        conversation = await server.add("Hello", "Hi there.", title="Greetings")
        await page.do(ConversationList.set_time_zone, 0)
        with server.storage_away():
            server.services.changes.notify(conversation.owner)
            await page.do(ChatState.stop)
        await server.delete(conversation.id)
        await until(lambda: page.list.is_empty)
        assert page.chat.error == ""

    async def test_watching_without_a_cookie_is_refused(self, server: Server):
        page = await server.open("")
        with pytest.raises(NotFound):
            await page.do(ConversationList.watch)
        await until(lambda: page.chat.error == ERRORS["not_found"])
        server.take_failures()


async def _add_many(server: Server, count: int) -> list[str]:
    """Store conversations; returns their titles as the list has them."""
    titles = [f"Number {number}" for number in range(count)]
    for minutes, title in enumerate(titles):
        await server.add(title=title, updated_at=now() - timedelta(minutes=minutes))
    return titles
