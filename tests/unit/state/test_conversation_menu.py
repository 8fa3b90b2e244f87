"""The menu of a conversation: rename, pin, export, delete, undo."""

import json

import pytest

from chat_app.models.errors import NotFound, StorageUnavailable
from chat_app.services.conversations.conversations import MAX_TITLE_CHARS
from chat_app.state.sidebar import conversation_menu
from chat_app.state.sidebar.conversation_menu import ConversationMenu
from chat_app.texts import CATALOGUES
from tests.fakes import until
from tests.unit.state.page import ANN, BOB, Page, Server, principal_of

ERRORS = CATALOGUES["en"].errors
NO_TITLES = [None, 1, "x", [], {}, {"title": None}, {"title": ["x"]}, {"title": ""}, {"title": " \n\t"}]

HANDLERS = {
    "rename": (ConversationMenu.rename, ({"title": "Mine"},)),
    "pin": (ConversationMenu.pin, (True,)),
    "export_markdown": (ConversationMenu.export_markdown, ()),
    "export_json": (ConversationMenu.export_json, ()),
    "delete": (ConversationMenu.delete, ()),
    "undo": (ConversationMenu.undo, ()),
}
each_handler = pytest.mark.parametrize(("handler", "arguments"), HANDLERS.values(), ids=list(HANDLERS))


@pytest.fixture
async def conversation_id(server: Server, page: Page) -> str:
    """A conversation of Ann's, for which her page has opened the menu."""
    conversation = await server.add("Hello", "Hi there.", title="Greetings")
    await page.do(ConversationMenu.open, conversation.id)
    return conversation.id


@pytest.fixture
async def deleted_id(page: Page, conversation_id: str) -> str:
    """A conversation that her page has just deleted."""
    await page.do(ConversationMenu.delete)
    return conversation_id


class TestOpening:
    async def test_the_menu_shows_title_and_pin_of_its_conversation(self, server: Server, page: Page):
        conversation = await server.add(title="Greetings", is_pinned=True)
        await page.do(ConversationMenu.open, conversation.id)
        assert (page.menu.title, page.menu.is_pinned) == ("Greetings", True)

    async def test_the_menu_of_someone_elses_conversation_is_empty(self, server: Server, page: Page):
        theirs = await server.add(title="Secret", cookie=BOB)
        await page.do(ConversationMenu.open, theirs.id)
        assert page.menu.title == ""

    @pytest.mark.parametrize("value", [None, True, 1, [], {}, ["x"], "", "x", "\x00", "\ud800", "x" * 100_000])
    async def test_an_invalid_id_opens_an_empty_menu(self, page: Page, value: object):
        await page.do(ConversationMenu.open, value)
        await page.do(ConversationMenu.delete)
        assert (page.menu.title, page.menu.can_undo, page.chat.error) == ("", False, "")


class TestRenaming:
    async def test_renaming_collapses_white_space_in_the_title(self, server: Server, page: Page, conversation_id: str):
        await page.do(ConversationMenu.rename, {"title": "  Good \n morning "})
        assert (await server.conversation(conversation_id)).title == "Good morning"

    async def test_renaming_truncates_a_long_title(self, server: Server, page: Page, conversation_id: str):
        await page.do(ConversationMenu.rename, {"title": "x" * 100_000})
        assert (await server.conversation(conversation_id)).title == "x" * MAX_TITLE_CHARS

    @pytest.mark.parametrize("form", NO_TITLES)
    async def test_renaming_to_an_invalid_title_changes_nothing(
        self, server: Server, page: Page, conversation_id: str, form: object
    ):
        await page.do(ConversationMenu.rename, form)
        assert (await server.conversation(conversation_id)).title == "Greetings"

    async def test_renaming_replaces_a_lone_surrogate_by_a_question_mark(
        self, server: Server, page: Page, conversation_id: str
    ):
        await page.do(ConversationMenu.rename, {"title": "Hello \ud800"})
        assert (await server.conversation(conversation_id)).title == "Hello ?"


class TestPinning:
    async def test_a_conversation_can_be_pinned_and_unpinned(self, server: Server, page: Page, conversation_id: str):
        await page.do(ConversationMenu.pin, True)
        assert (await server.conversation(conversation_id)).is_pinned
        await page.do(ConversationMenu.pin, False)
        assert not (await server.conversation(conversation_id)).is_pinned

    @pytest.mark.parametrize("value", [None, 1, 0, "true", [], {}, [True]])
    async def test_pinning_with_a_value_other_than_a_boolean_changes_nothing(
        self, server: Server, page: Page, conversation_id: str, value: object
    ):
        await page.do(ConversationMenu.pin, value)
        assert not (await server.conversation(conversation_id)).is_pinned


class TestExporting:
    async def test_a_markdown_export_has_all_messages_and_their_authors(self, page: Page, conversation_id: str):
        await page.do(ConversationMenu.export_markdown)
        ((name, text),) = page.downloads.items()
        assert name.startswith("Greetings")
        assert name.endswith(".md")
        for said in ("You", "Hello", "Assistant", "Hi there."):
            assert said in text

    async def test_a_json_export_has_the_conversation(self, page: Page, conversation_id: str):
        await page.do(ConversationMenu.export_json)
        ((name, text),) = page.downloads.items()
        assert name.startswith("Greetings")
        assert name.endswith(".json")
        assert [each["title"] for each in json.loads(text)["conversations"]] == ["Greetings"]

    @pytest.mark.parametrize("handler", [ConversationMenu.export_markdown, ConversationMenu.export_json])
    async def test_exporting_a_conversation_too_often_shows_the_rate_limit_error(
        self, page: Page, conversation_id: str, handler: object
    ):
        for _ in range(11):
            page.downloads.clear()
            await page.do(handler)
        assert page.chat.error.startswith(ERRORS["too_many_requests"])
        assert (page.chat.can_retry, page.downloads) == (False, {})

    @pytest.mark.parametrize("handler", [ConversationMenu.export_markdown, ConversationMenu.export_json])
    async def test_exporting_a_conversation_during_a_storage_outage_shows_the_error(
        self, server: Server, page: Page, conversation_id: str, handler: object
    ):
        with server.storage_away():
            await page.do(handler)
        assert (page.chat.error, page.chat.can_retry, page.downloads) == (ERRORS["storage"], False, {})


class TestDeleting:
    async def test_a_deleted_conversation_can_be_restored(self, server: Server, page: Page, deleted_id: str):
        with pytest.raises(NotFound):
            await server.conversation(deleted_id)
        assert page.menu.can_undo
        await page.do(ConversationMenu.undo)
        assert not page.menu.can_undo
        assert [message.text for message in await server.stored(deleted_id)] == ["Hello", "Hi there."]

    async def test_deleting_the_conversation_on_the_page_leads_to_a_new_one(
        self, server: Server, page: Page, conversation_id: str
    ):
        await page.go(f"/chat/{conversation_id}")
        await page.do(ConversationMenu.delete)
        assert page.redirects == ["/"]

    async def test_deleting_another_conversation_stays_on_the_page(
        self, server: Server, page: Page, conversation_id: str
    ):
        other = await server.add("Elsewhere", "Yes.")
        await page.go(f"/chat/{other.id}")
        await page.do(ConversationMenu.delete)
        assert page.redirects == []

    async def test_deleting_a_conversation_stops_its_streaming_answer(self, server: Server, page: Page):
        await page.send("Count")
        await until(lambda: server.provider.open)
        await page.do(ConversationMenu.open, page.chat.conversation_id)
        await page.do(ConversationMenu.delete)
        await until(lambda: not server.provider.open)

    async def test_the_offer_to_undo_a_deletion_can_be_dismissed(self, server: Server, page: Page, deleted_id: str):
        await page.do(ConversationMenu.dismiss)
        assert not page.menu.can_undo
        with pytest.raises(NotFound):
            await server.conversation(deleted_id)

    async def test_the_offer_to_undo_a_deletion_expires(
        self, page: Page, conversation_id: str, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(conversation_menu, "UNDO_TIME", 0.1)
        await page.do(ConversationMenu.delete)
        assert page.menu.can_undo
        await until(lambda: not page.menu.can_undo)

    async def test_deleting_a_conversation_already_deleted_in_another_tab_offers_no_undo(
        self, server: Server, page: Page, conversation_id: str
    ):
        await server.delete(conversation_id)
        await page.do(ConversationMenu.delete)
        assert (page.menu.can_undo, page.redirects, page.chat.error) == (False, [], "")

    async def test_undoing_a_deletion_already_undone_in_another_tab_shows_no_error(
        self, server: Server, page: Page, deleted_id: str
    ):
        assert await server.services.store.restore_conversation(principal_of(ANN), deleted_id)
        await page.do(ConversationMenu.undo)
        assert (page.menu.can_undo, page.chat.error) == (False, "")


@each_handler
async def test_menu_handlers_ignore_someone_elses_conversation(
    server: Server, page: Page, handler: object, arguments: tuple[object, ...]
):
    theirs = await server.add("My secret", "I keep it.", cookie=BOB, title="Secret")
    await page.do(ConversationMenu.open, theirs.id)
    await page.do(handler, *arguments)
    assert (page.downloads, page.menu.can_undo, page.chat.error) == ({}, False, "")
    assert await server.conversation(theirs.id, BOB) == theirs


@each_handler
async def test_menu_handlers_ignore_a_conversation_deleted_in_another_tab(
    server: Server, page: Page, conversation_id: str, handler: object, arguments: tuple[object, ...]
):
    await server.delete(conversation_id)
    await page.do(handler, *arguments)
    assert (page.downloads, page.menu.can_undo, page.chat.error) == ({}, False, "")
    with pytest.raises(NotFound):
        await server.conversation(conversation_id)


@each_handler
async def test_menu_handlers_do_nothing_before_the_menu_is_opened(
    server: Server, page: Page, handler: object, arguments: tuple[object, ...]
):
    await page.do(handler, *arguments)
    assert (page.downloads, page.menu.can_undo, page.chat.error) == ({}, False, "")


@pytest.mark.parametrize(
    ("handler", "arguments"),
    [(handler, arguments) for name, (handler, arguments) in HANDLERS.items() if "export" not in name],
    ids=[name for name in HANDLERS if "export" not in name],
)
async def test_menu_handlers_show_the_error_of_a_storage_outage(
    server: Server, page: Page, conversation_id: str, handler: object, arguments: tuple[object, ...]
):
    with server.storage_away():
        with pytest.raises(StorageUnavailable):
            await page.do(handler, *arguments)
        await until(lambda: page.chat.error == ERRORS["storage"])
    server.take_failures()
    assert not page.chat.can_retry
    assert (await server.conversation(conversation_id)).title == "Greetings"


async def test_menu_handlers_do_nothing_without_a_cookie(server: Server):
    conversation = await server.add("Hello", "Hi there.", title="Greetings")
    page = await server.open("")
    await page.do(ConversationMenu.open, conversation.id)
    for handler, arguments in HANDLERS.values():
        await page.do(handler, *arguments)
    assert (page.menu.title, page.downloads, page.menu.can_undo) == ("", {}, False)
    assert await server.conversation(conversation.id) == conversation
