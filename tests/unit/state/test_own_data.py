"""The visitor's data: export, import, deletion."""

import json

import pytest

from chat_app.models.errors import NotFound, StorageUnavailable
from chat_app.state.settings.my_data import MAX_CHARS, MyData
from chat_app.texts import CATALOGUES
from tests.fakes import until
from tests.unit.state.page import ANN, BOB, Page, Server, principal_of

TEXTS = CATALOGUES["en"]


class TestExporting:
    async def test_an_export_has_all_conversations_of_the_visitor(self, server: Server, page: Page):
        await server.add("Hello", "Hi there.", title="Greetings")
        await server.add("Where is Seoul?", "In South Korea.", title="Places")
        await server.add("My secret", "I keep it.", title="Secret", cookie=BOB)
        await page.do(MyData.export)
        ((name, text),) = page.downloads.items()
        assert name.startswith(TEXTS.all_conversations)
        assert name.endswith(".json")
        assert sorted(each["title"] for each in json.loads(text)["conversations"]) == ["Greetings", "Places"]

    async def test_exporting_all_conversations_too_often_shows_the_rate_limit_error(self, page: Page):
        for _ in range(11):
            page.downloads.clear()
            await page.do(MyData.export)
        assert (page.my_data.outcome, page.downloads) == (TEXTS.errors["too_many_requests"], {})

    async def test_exporting_all_conversations_during_a_storage_outage_shows_the_error(
        self, server: Server, page: Page
    ):
        with server.storage_away():
            await page.do(MyData.export)
        assert (page.my_data.outcome, page.downloads) == (TEXTS.errors["storage"], {})

    async def test_exporting_all_conversations_without_a_cookie_is_refused(self, server: Server):
        await server.add("Hello", "Hi there.")
        page = await server.open("")
        await page.do(MyData.export)
        assert (page.my_data.outcome, page.downloads) == (TEXTS.errors["not_found"], {})


class TestImporting:
    @pytest.mark.parametrize(
        ("reply", "outcome"),
        [
            ({"conversations": 2, "already_there": 0}, TEXTS.imported.format(count=2)),
            (
                {"conversations": 2, "already_there": 3},
                f"{TEXTS.imported.format(count=2)} {TEXTS.already_there.format(count=3)}",
            ),
            (
                {"conversations": 0, "already_there": 3},
                f"{TEXTS.nothing_imported} {TEXTS.already_there.format(count=3)}",
            ),
            ({"conversations": 0, "already_there": 0}, TEXTS.nothing_imported),
            ({"error": {"message": "It is damaged."}}, "It is damaged."),
        ],
    )
    async def test_the_result_of_an_import_is_shown(self, page: Page, reply: object, outcome: str):
        await page.do(MyData.show_import_result, reply)
        assert page.my_data.outcome == outcome

    @pytest.mark.parametrize(
        "reply",
        [
            None,
            True,
            1,
            "Hello",
            [],
            {},
            {"error": None},
            {"error": {"message": None}},
            {"error": {"message": ["Hello"]}},
            {"conversations": "2", "already_there": 0},
            {"conversations": 2},
        ],
    )
    async def test_an_invalid_import_result_is_shown_as_an_internal_error(self, page: Page, reply: object):
        await page.do(MyData.show_import_result, reply)
        assert page.my_data.outcome == TEXTS.errors["internal"]

    async def test_a_long_import_error_is_truncated(self, page: Page):
        await page.do(MyData.show_import_result, {"error": {"message": "x" * 100_000}})
        assert page.my_data.outcome == "x" * MAX_CHARS


class TestDeleting:
    async def test_delete_all_deletes_the_visitors_conversations_only(self, server: Server, page: Page):
        theirs = await server.add("My secret", "I keep it.", cookie=BOB)
        own = [await server.add("Hello", "Hi there."), await server.add(is_pinned=True)]
        await page.do(MyData.delete)
        for each in own:
            with pytest.raises(NotFound):
                await server.conversation(each.id)
            assert not await server.services.store.restore_conversation(principal_of(ANN), each.id)
        assert await server.conversation(theirs.id, BOB) == theirs
        assert page.redirects == ["/"]

    async def test_delete_all_clears_drafts_in_the_browser(self, page: Page):
        scripts = len(page.scripts)
        await page.do(MyData.delete)
        assert len(page.scripts) > scripts

    async def test_delete_all_stops_a_streaming_answer(self, server: Server, page: Page):
        await page.send("Count")
        await until(lambda: server.provider.open)
        await page.do(MyData.delete)
        await until(lambda: not server.provider.open)

    async def test_delete_all_during_a_storage_outage_deletes_nothing_and_shows_the_error(
        self, server: Server, page: Page
    ):
        conversation = await server.add("Hello", "Hi there.")
        scripts = len(page.scripts)
        with server.storage_away():
            with pytest.raises(StorageUnavailable):
                await page.do(MyData.delete)
            await until(lambda: page.chat.error == TEXTS.errors["storage"])
        server.take_failures()
        assert (len(page.scripts), page.redirects) == (scripts, [])
        assert len(await server.stored(conversation.id)) == 2

    async def test_delete_all_without_a_cookie_is_refused(self, server: Server):
        conversation = await server.add("Hello", "Hi there.")
        page = await server.open("")
        with pytest.raises(NotFound):
            await page.do(MyData.delete)
        await until(lambda: page.chat.error == TEXTS.errors["not_found"])
        server.take_failures()
        assert len(await server.stored(conversation.id)) == 2
