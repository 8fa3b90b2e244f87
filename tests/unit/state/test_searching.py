"""Search, and opening a hit at its message."""

import pytest

from chat_app.models.errors import StorageUnavailable
from chat_app.services.conversations.conversations import MAX_QUERY_CHARS
from chat_app.state.conversation.chat import ChatState
from chat_app.state.conversation.message_actions import MessageActions
from chat_app.state.conversation.showing import WINDOW
from chat_app.state.sidebar.search import MAX_HITS, RECENT, HitView, SearchState
from chat_app.texts import CATALOGUES
from tests.fakes import until
from tests.unit.state.page import ANN, BOB, Page, Server

ERRORS = CATALOGUES["en"].errors


def titles_of(page: Page) -> list[str]:
    return ["".join(fragment.text for fragment in hit.title) for hit in page.search.hits]


def excerpt_of(hit: HitView) -> str:
    return "".join(fragment.text for fragment in hit.excerpt)


class TestFinding:
    async def test_search_finds_words_in_messages(self, server: Server, page: Page):
        conversation = await server.add("Where is Seoul?", "In South Korea.", title="Places")
        await page.do(SearchState.find, "south korea")
        (hit,) = page.search.hits
        assert (hit.conversation_id, excerpt_of(hit)) == (conversation.id, "In South Korea.")
        assert (page.search.query, page.search.is_recent, page.search.found_nothing) == ("south korea", False, False)

    async def test_search_finds_words_in_titles(self, server: Server, page: Page):
        await server.add("Hello", "Hi there.", title="Greetings")
        await page.do(SearchState.find, "greet")
        (hit,) = page.search.hits
        assert (titles_of(page), hit.message_id, hit.excerpt) == (["Greetings"], "", [])

    async def test_search_without_hits_says_so(self, server: Server, page: Page):
        await server.add("Hello", "Hi there.")
        await page.do(SearchState.find, "tomorrow")
        assert (page.search.hits, page.search.found_nothing, page.search.is_recent) == ([], True, False)

    @pytest.mark.parametrize("query", ["", " \n\t"])
    async def test_an_empty_query_shows_recent_conversations(self, server: Server, page: Page, query: str):
        for number in range(RECENT + 2):
            await server.add(title=str(number), is_pinned=number == 0)
        await page.do(SearchState.find, query)
        assert titles_of(page) == [str(number) for number in reversed(range(2, RECENT + 2))]
        assert (page.search.is_recent, page.search.found_nothing) == (True, False)

    async def test_an_empty_query_without_conversations_shows_nothing(self, page: Page):
        await page.do(SearchState.find, "")
        assert (page.search.hits, page.search.is_recent, page.search.found_nothing) == ([], False, False)

    async def test_search_skips_conversations_of_others(self, server: Server, page: Page):
        await server.add("My secret", "I keep it.", cookie=BOB)
        for query in ("secret", ""):
            await page.do(SearchState.find, query)
            assert page.search.hits == []

    async def test_search_skips_deleted_conversations(self, server: Server, page: Page):
        conversation = await server.add("Hello", "Hi there.")
        await server.delete(conversation.id)
        for query in ("hello", ""):
            await page.do(SearchState.find, query)
            assert page.search.hits == []

    async def test_search_shows_thirty_conversations_at_most(self, server: Server, page: Page):
        for number in range(MAX_HITS + 1):
            await server.add(title=f"Number {number}")
        await page.do(SearchState.find, "number")
        assert len(page.search.hits) == MAX_HITS

    @pytest.mark.parametrize("query", [None, True, 1, 1e308, [], ["hello"], {}, {"query": "hello"}])
    async def test_a_query_other_than_a_string_counts_as_empty(self, page: Page, query: object):
        await page.do(SearchState.find, query)
        assert (page.search.query, page.search.hits) == ("", [])

    @pytest.mark.parametrize(
        "query", ["%", "_", "\\", "'", '"', "\x00", "\ud800", "' OR 1=1; --", "hello\x00", "*" * 9]
    )
    async def test_special_characters_in_a_query_match_literally(self, server: Server, page: Page, query: str):
        await server.add("Hello", "Hi there.", title="Greetings")
        await page.do(SearchState.find, query)
        assert (page.search.hits, page.search.found_nothing) == ([], True)

    async def test_a_long_query_is_truncated(self, page: Page):
        await page.do(SearchState.find, "x" * 100_000)
        assert page.search.query == "x" * MAX_QUERY_CHARS

    @pytest.mark.parametrize("query", ["hello", ""])
    async def test_searching_during_a_storage_outage_shows_the_error(self, server: Server, page: Page, query: str):
        with server.storage_away():
            with pytest.raises(StorageUnavailable):
                await page.do(SearchState.find, query)
            await until(lambda: page.chat.error == ERRORS["storage"])
        server.take_failures()

    async def test_searching_without_a_cookie_finds_nothing(self, server: Server):
        await server.add("Hello", "Hi there.")
        page = await server.open("")
        for query in ("hello", ""):
            await page.do(SearchState.find, query)
            assert page.search.hits == []


class TestChoosing:
    async def test_a_chosen_hit_is_highlighted_once_its_conversation_is_shown(self, server: Server, page: Page):
        conversation = await server.add("Where is Seoul?", "In South Korea.")
        await _choose(page, "korea")
        assert page.search.found is None
        await page.go(f"/chat/{conversation.id}")
        assert page.search.found
        assert page.search.found.element_id == page.rows[1].id
        assert page.search.found.words == "korea"

    async def test_choosing_a_hit_loads_messages_up_to_it(self, server: Server, page: Page):
        texts = [f"Message {number}" for number in range(3 * WINDOW)]
        texts[10] = "The needle"
        conversation = await server.add(*texts)
        await _choose(page, "needle")
        await page.go(f"/chat/{conversation.id}")
        assert "The needle" in page.said
        assert page.said[0] != "The needle"
        assert page.chat.has_earlier

    async def test_choosing_a_hit_in_another_version_shows_that_version(self, server: Server, page: Page):
        exchange = await server.begin("Hello", "The needle.")
        await page.go(f"/chat/{exchange.message.conversation_id}")
        server.answer("Good day.")
        await page.do(MessageActions.regenerate, exchange.answer.id)
        await page.settle()
        await _choose(page, "needle")
        await page.do(ChatState.load)
        assert page.said == ["Hello", "The needle."]
        assert page.search.found
        assert page.search.found.element_id == exchange.answer.id

    async def test_choosing_the_same_hit_again_highlights_it_again(self, server: Server, page: Page):
        conversation = await server.add("Where is Seoul?", "In South Korea.")
        numbers: set[int] = set()
        for _ in range(2):
            await _choose(page, "korea")
            await page.go(f"/chat/{conversation.id}")
            assert page.search.found
            numbers.add(page.search.found.number)
        assert len(numbers) == 2

    async def test_the_highlight_of_a_hit_ends_when_the_page_shows_something_else(self, server: Server, page: Page):
        conversation = await server.add("Where is Seoul?", "In South Korea.")
        await _choose(page, "korea")
        await page.go(f"/chat/{conversation.id}")
        await page.go("/")
        assert page.search.found is None
        await page.go(f"/chat/{conversation.id}")
        assert page.search.found is None

    async def test_a_hit_in_a_title_highlights_no_message(self, server: Server, page: Page):
        conversation = await server.add("Hello", "Hi there.", title="Greetings")
        await _choose(page, "greet")
        await page.go(f"/chat/{conversation.id}")
        assert (page.said, page.search.found) == (["Hello", "Hi there."], None)

    async def test_choosing_a_hit_deleted_in_another_tab_shows_that_it_is_missing(self, server: Server, page: Page):
        conversation = await server.add("Where is Seoul?", "In South Korea.")
        await _choose(page, "korea")
        await server.delete(conversation.id)
        await page.go(f"/chat/{conversation.id}")
        assert page.chat.is_missing
        assert page.search.found is None

    @pytest.mark.parametrize("message_id", [None, True, 1, 1e308, "", "x", "\x00", "\ud800", [], {}, {"id": 1}])
    async def test_choosing_an_invalid_message_id_highlights_nothing(
        self, server: Server, page: Page, message_id: object
    ):
        conversation = await server.add("Where is Seoul?", "In South Korea.")
        await page.do(SearchState.find, "korea")
        await page.do(SearchState.choose, message_id)
        await page.go(f"/chat/{conversation.id}")
        assert page.search.found is None

    async def test_choosing_someone_elses_message_shows_nothing_of_it(self, server: Server, page: Page):
        theirs = await server.begin("My secret", "I keep it.", cookie=BOB)
        await page.do(SearchState.choose, theirs.answer.id)
        await page.go(f"/chat/{theirs.message.conversation_id}")
        assert page.chat.is_missing
        assert page.search.found is None

    async def test_a_hit_chosen_in_one_tab_is_not_highlighted_in_another(self, server: Server, page: Page):
        conversation = await server.add("Where is Seoul?", "In South Korea.")
        await _choose(page, "korea")
        other = await server.open(ANN)
        await other.go(f"/chat/{conversation.id}")
        assert other.search.found is None


async def _choose(page: Page, query: str) -> None:
    """Search, and choose the first hit."""
    await page.do(SearchState.find, query)
    await page.do(SearchState.choose, page.search.hits[0].message_id)
