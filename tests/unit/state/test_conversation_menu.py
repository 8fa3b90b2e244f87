"""What the menu of a conversation does: rename, pin, export, delete, undo."""

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
    """One that her page has just deleted."""
    await page.do(ConversationMenu.delete)
    return conversation_id


class TestOpening:
    async def test_it_shows_the_title_and_whether_the_conversation_is_pinned(self, server: Server, page: Page):
        conversation = await server.add(title="Greetings", is_pinned=True)
        await page.do(ConversationMenu.open, conversation.id)
        assert (page.menu.title, page.menu.is_pinned) == ("Greetings", True)

    async def test_the_menu_of_someone_elses_conversation_shows_nothing(self, server: Server, page: Page):
        theirs = await server.add(title="Secret", cookie=BOB)
        await page.do(ConversationMenu.open, theirs.id)
        assert page.menu.title == ""

    @pytest.mark.parametrize("value", [None, True, 1, [], {}, ["x"], "", "x", "\x00", "\ud800", "x" * 100_000])
    async def test_what_is_no_id_opens_the_menu_of_nothing(self, page: Page, value: object):
        await page.do(ConversationMenu.open, value)
        await page.do(ConversationMenu.delete)
        assert (page.menu.title, page.menu.can_undo, page.chat.error) == ("", False, "")


class TestRenaming:
    async def test_a_title_is_stored_with_single_spaces(self, server: Server, page: Page, conversation_id: str):
        await page.do(ConversationMenu.rename, {"title": "  Good \n morning "})
        assert (await server.conversation(conversation_id)).title == "Good morning"

    async def test_a_title_that_is_too_long_is_cut(self, server: Server, page: Page, conversation_id: str):
        await page.do(ConversationMenu.rename, {"title": "x" * 100_000})
        assert (await server.conversation(conversation_id)).title == "x" * MAX_TITLE_CHARS

    @pytest.mark.parametrize("form", NO_TITLES)
    async def test_what_is_no_title_changes_nothing(
        self, server: Server, page: Page, conversation_id: str, form: object
    ):
        await page.do(ConversationMenu.rename, form)
        assert (await server.conversation(conversation_id)).title == "Greetings"

    async def test_half_a_surrogate_pair_becomes_a_question_mark(
        self, server: Server, page: Page, conversation_id: str
    ):
        await page.do(ConversationMenu.rename, {"title": "Hello \ud800"})
        assert (await server.conversation(conversation_id)).title == "Hello ?"


class TestPinning:
    async def test_a_conversation_is_pinned_and_no_longer(self, server: Server, page: Page, conversation_id: str):
        await page.do(ConversationMenu.pin, True)
        assert (await server.conversation(conversation_id)).is_pinned
        await page.do(ConversationMenu.pin, False)
        assert not (await server.conversation(conversation_id)).is_pinned

    @pytest.mark.parametrize("value", [None, 1, 0, "true", [], {}, [True]])
    async def test_what_is_neither_true_nor_false_changes_nothing(
        self, server: Server, page: Page, conversation_id: str, value: object
    ):
        await page.do(ConversationMenu.pin, value)
        assert not (await server.conversation(conversation_id)).is_pinned


class TestExporting:
    async def test_markdown_has_what_was_said_by_whom(self, page: Page, conversation_id: str):
        await page.do(ConversationMenu.export_markdown)
        ((name, text),) = page.downloads.items()
        assert name.startswith("Greetings")
        assert name.endswith(".md")
        for said in ("You", "Hello", "Assistant", "Hi there."):
            assert said in text

    async def test_json_has_all_of_it(self, page: Page, conversation_id: str):
        await page.do(ConversationMenu.export_json)
        ((name, text),) = page.downloads.items()
        assert name.startswith("Greetings")
        assert name.endswith(".json")
        assert [each["title"] for each in json.loads(text)["conversations"]] == ["Greetings"]

    @pytest.mark.parametrize("handler", [ConversationMenu.export_markdown, ConversationMenu.export_json])
    async def test_too_many_exports_are_refused_with_the_reason(
        self, page: Page, conversation_id: str, handler: object
    ):
        for _ in range(11):
            page.downloads.clear()
            await page.do(handler)
        assert page.chat.error.startswith(ERRORS["too_many_requests"])
        assert (page.chat.can_retry, page.downloads) == (False, {})

    @pytest.mark.parametrize("handler", [ConversationMenu.export_markdown, ConversationMenu.export_json])
    async def test_an_export_that_storage_can_not_read_is_refused_with_the_reason(
        self, server: Server, page: Page, conversation_id: str, handler: object
    ):
        with server.storage_away():
            await page.do(handler)
        assert (page.chat.error, page.chat.can_retry, page.downloads) == (ERRORS["storage"], False, {})


class TestDeleting:
    async def test_a_conversation_is_deleted_and_can_be_restored(self, server: Server, page: Page, deleted_id: str):
        with pytest.raises(NotFound):
            await server.conversation(deleted_id)
        assert page.menu.can_undo
        await page.do(ConversationMenu.undo)
        assert not page.menu.can_undo
        assert [message.text for message in await server.stored(deleted_id)] == ["Hello", "Hi there."]

    async def test_the_page_of_the_deleted_conversation_is_left(self, server: Server, page: Page, conversation_id: str):
        await page.go(f"/chat/{conversation_id}")
        await page.do(ConversationMenu.delete)
        assert page.redirects == ["/"]

    async def test_the_page_of_another_conversation_stays(self, server: Server, page: Page, conversation_id: str):
        other = await server.add("Elsewhere", "Yes.")
        await page.go(f"/chat/{other.id}")
        await page.do(ConversationMenu.delete)
        assert page.redirects == []

    async def test_the_answer_being_written_in_it_is_stopped(self, server: Server, page: Page):
        await page.send("Count")
        await until(lambda: server.provider.open)
        await page.do(ConversationMenu.open, page.chat.conversation_id)
        await page.do(ConversationMenu.delete)
        await until(lambda: not server.provider.open)

    async def test_the_offer_to_restore_it_can_be_dismissed(self, server: Server, page: Page, deleted_id: str):
        await page.do(ConversationMenu.dismiss)
        assert not page.menu.can_undo
        with pytest.raises(NotFound):
            await server.conversation(deleted_id)

    async def test_the_offer_to_restore_it_ends_after_a_while(
        self, page: Page, conversation_id: str, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(conversation_menu, "UNDO_TIME", 0.1)
        await page.do(ConversationMenu.delete)
        assert page.menu.can_undo
        await until(lambda: not page.menu.can_undo)

    async def test_a_conversation_deleted_in_another_tab_offers_nothing_to_restore(
        self, server: Server, page: Page, conversation_id: str
    ):
        await server.delete(conversation_id)
        await page.do(ConversationMenu.delete)
        assert (page.menu.can_undo, page.redirects, page.chat.error) == (False, [], "")

    async def test_what_was_restored_in_another_tab_is_restored_once(self, server: Server, page: Page, deleted_id: str):
        assert await server.services.store.restore_conversation(principal_of(ANN), deleted_id)
        await page.do(ConversationMenu.undo)
        assert (page.menu.can_undo, page.chat.error) == (False, "")


@each_handler
async def test_someone_elses_conversation_is_left_alone(
    server: Server, page: Page, handler: object, arguments: tuple[object, ...]
):
    theirs = await server.add("My secret", "I keep it.", cookie=BOB, title="Secret")
    await page.do(ConversationMenu.open, theirs.id)
    await page.do(handler, *arguments)
    assert (page.downloads, page.menu.can_undo, page.chat.error) == ({}, False, "")
    assert await server.conversation(theirs.id, BOB) == theirs


@each_handler
async def test_a_conversation_deleted_in_another_tab_is_left_alone(
    server: Server, page: Page, conversation_id: str, handler: object, arguments: tuple[object, ...]
):
    await server.delete(conversation_id)
    await page.do(handler, *arguments)
    assert (page.downloads, page.menu.can_undo, page.chat.error) == ({}, False, "")
    with pytest.raises(NotFound):
        await server.conversation(conversation_id)


@each_handler
async def test_before_the_menu_was_opened_nothing_happens(
    server: Server, page: Page, handler: object, arguments: tuple[object, ...]
):
    await page.do(handler, *arguments)
    assert (page.downloads, page.menu.can_undo, page.chat.error) == ({}, False, "")


@pytest.mark.parametrize(
    ("handler", "arguments"),
    [(handler, arguments) for name, (handler, arguments) in HANDLERS.items() if "export" not in name],
    ids=[name for name in HANDLERS if "export" not in name],
)
async def test_what_storage_can_not_do_is_told_with_the_reason(
    server: Server, page: Page, conversation_id: str, handler: object, arguments: tuple[object, ...]
):
    with server.storage_away():
        with pytest.raises(StorageUnavailable):
            await page.do(handler, *arguments)
        await until(lambda: page.chat.error == ERRORS["storage"])
    server.take_failures()
    assert not page.chat.can_retry
    assert (await server.conversation(conversation_id)).title == "Greetings"


async def test_without_a_cookie_the_menu_does_nothing(server: Server):
    conversation = await server.add("Hello", "Hi there.", title="Greetings")
    page = await server.open("")
    await page.do(ConversationMenu.open, conversation.id)
    for handler, arguments in HANDLERS.values():
        await page.do(handler, *arguments)
    assert (page.menu.title, page.downloads, page.menu.can_undo) == ("", {}, False)
    assert await server.conversation(conversation.id) == conversation
