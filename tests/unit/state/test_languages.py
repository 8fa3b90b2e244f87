"""The page's language."""

import pytest
from reflex.state import UpdateVarsInternalState

from chat_app.state.conversation.chat import ChatState
from chat_app.state.settings.language import LanguageState
from chat_app.texts import CATALOGUES
from tests.unit.state.page import ANN, Page, Server

STORED = f"{LanguageState.get_full_name()}.chosen"


@pytest.mark.parametrize(
    ("header", "language"),
    [("ko-KR,ko;q=0.9,en;q=0.8", "ko"), ("en-US", "en"), ("fr", "en"), ("", "en"), ("\x00;q=x,,", "en")],
)
async def test_the_page_uses_the_browsers_language(server: Server, header: str, language: str):
    page = await server.open(ANN, language=header)
    await page.do(LanguageState.detect)
    assert page.language.language == language
    assert f"'{language}'" in page.scripts[-1]


async def test_a_chosen_language_overrides_the_browsers(page: Page):
    await page.do(LanguageState.choose, "ko")
    await page.settle()
    assert (page.language.language, page.language.chosen) == ("ko", "ko")
    assert "'ko'" in page.scripts[-1]


async def test_the_page_uses_the_language_stored_in_the_browser(page: Page):
    await page.do(UpdateVarsInternalState.update_vars_internal, {STORED: "ko"})
    await page.do(LanguageState.detect)
    assert page.language.language == "ko"


@pytest.mark.parametrize("value", [None, True, 1, "", "xx", "KO", "\x00", [], ["ko"], {}, {"ko": 1}, "x" * 100_000])
async def test_choosing_an_unknown_language_changes_nothing(page: Page, value: object):
    await page.do(LanguageState.choose, value)
    await page.settle()
    assert (page.language.language, page.language.chosen) == ("en", "")


@pytest.mark.parametrize("value", [None, True, 1, "", "xx", [], {}, "'; alert(1); '"])
async def test_an_unknown_language_stored_in_the_browser_is_ignored(page: Page, value: object):
    await page.do(UpdateVarsInternalState.update_vars_internal, {STORED: value})
    await page.do(LanguageState.detect)
    assert page.language.language == "en"
    assert "alert" not in page.scripts[-1]


async def test_error_messages_are_in_the_pages_language(server: Server):
    page = await server.open(ANN, language="ko")
    await page.do(LanguageState.detect)
    await page.go("/")
    await page.do(ChatState.refuse_long)
    assert page.chat.error == CATALOGUES["ko"].errors["invalid"]
