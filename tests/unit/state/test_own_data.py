"""All conversations of a visitor: exported, imported, deleted."""

import json

import pytest

from chat_app.models.errors import NotFound, StorageUnavailable
from chat_app.state.settings.my_data import MAX_CHARS, MyData
from chat_app.texts import CATALOGUES
from tests.fakes import until
from tests.unit.state.page import ANN, BOB, Page, Server, principal_of

TEXTS = CATALOGUES["en"]


class TestExporting:
    async def test_all_conversations_of_the_visitor_are_saved_in_one_file(self, server: Server, page: Page):
        await server.add("Hello", "Hi there.", title="Greetings")
        await server.add("Where is Seoul?", "In South Korea.", title="Places")
        await server.add("My secret", "I keep it.", title="Secret", cookie=BOB)
        await page.do(MyData.export)
        ((name, text),) = page.downloads.items()
        assert name.startswith(TEXTS.all_conversations)
        assert name.endswith(".json")
        assert sorted(each["title"] for each in json.loads(text)["conversations"]) == ["Greetings", "Places"]

    async def test_too_many_exports_are_refused_with_the_reason(self, page: Page):
        for _ in range(11):
            page.downloads.clear()
            await page.do(MyData.export)
        assert (page.my_data.outcome, page.downloads) == (TEXTS.errors["too_many_requests"], {})

    async def test_an_export_that_storage_can_not_read_is_refused_with_the_reason(self, server: Server, page: Page):
        with server.storage_away():
            await page.do(MyData.export)
        assert (page.my_data.outcome, page.downloads) == (TEXTS.errors["storage"], {})

    async def test_without_a_cookie_nothing_is_exported(self, server: Server):
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
    async def test_what_came_of_it_is_told(self, page: Page, reply: object, outcome: str):
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
    async def test_a_reply_that_makes_no_sense_is_told_as_a_failure(self, page: Page, reply: object):
        await page.do(MyData.show_import_result, reply)
        assert page.my_data.outcome == TEXTS.errors["internal"]

    async def test_a_long_reason_is_cut(self, page: Page):
        await page.do(MyData.show_import_result, {"error": {"message": "x" * 100_000}})
        assert page.my_data.outcome == "x" * MAX_CHARS


class TestDeleting:
    async def test_everything_of_the_visitor_is_deleted_and_nothing_else(self, server: Server, page: Page):
        theirs = await server.add("My secret", "I keep it.", cookie=BOB)
        own = [await server.add("Hello", "Hi there."), await server.add(is_pinned=True)]
        await page.do(MyData.delete)
        for each in own:
            with pytest.raises(NotFound):
                await server.conversation(each.id)
            assert not await server.services.store.restore_conversation(principal_of(ANN), each.id)
        assert await server.conversation(theirs.id, BOB) == theirs
        assert page.redirects == ["/"]

    async def test_what_was_typed_and_not_sent_is_deleted_too(self, page: Page):
        scripts = len(page.scripts)
        await page.do(MyData.delete)
        assert len(page.scripts) > scripts

    async def test_an_answer_being_written_is_stopped(self, server: Server, page: Page):
        await page.send("Count")
        await until(lambda: server.provider.open)
        await page.do(MyData.delete)
        await until(lambda: not server.provider.open)

    async def test_while_storage_is_away_nothing_is_deleted_and_the_reason_is_told(self, server: Server, page: Page):
        conversation = await server.add("Hello", "Hi there.")
        scripts = len(page.scripts)
        with server.storage_away():
            with pytest.raises(StorageUnavailable):
                await page.do(MyData.delete)
            await until(lambda: page.chat.error == TEXTS.errors["storage"])
        server.take_failures()
        assert (len(page.scripts), page.redirects) == (scripts, [])
        assert len(await server.stored(conversation.id)) == 2

    async def test_without_a_cookie_nothing_is_deleted(self, server: Server):
        conversation = await server.add("Hello", "Hi there.")
        page = await server.open("")
        with pytest.raises(NotFound):
            await page.do(MyData.delete)
        await until(lambda: page.chat.error == TEXTS.errors["not_found"])
        server.take_failures()
        assert len(await server.stored(conversation.id)) == 2
