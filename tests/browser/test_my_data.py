"""Export, import and deletion of a visitor's data."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.chat_page import CONVERSATION_ADDRESS, ChatPage
from tests.browser.conftest import on_a_phone
from tests.fake_upstream import FakeUpstream

ANSWER = "They **purr**."
DATE = r"\d{4}-\d\d-\d\d"
WRONG_FILES = [
    (b"", "it is empty"),
    (b"{", "isn’t JSON"),
    (b'[{"mapping": {}}]', "export of ChatGPT"),
]


@pytest.fixture
def visitor(chat: ChatPage, upstream: FakeUpstream) -> ChatPage:
    """A visitor with one conversation, who has the list open."""
    upstream.answer(ANSWER)
    chat.ask("What do cats do?")
    expect(chat.page).to_have_url(CONVERSATION_ADDRESS)
    chat.open_list()
    return chat


def test_a_conversation_is_exported_as_markdown(visitor: ChatPage) -> None:
    with visitor.page.expect_download() as download:
        visitor.act_on("What do cats do?", "Export as Markdown")
    assert re.fullmatch(rf"What do cats do {DATE}\.md", download.value.suggested_filename)
    text = download.value.path().read_text("utf-8")
    assert text == f"# What do cats do?\n\n## You\n\nWhat do cats do?\n\n## Assistant\n\n{ANSWER}\n"


@on_a_phone
def test_all_conversations_can_be_deleted_and_imported_again(visitor: ChatPage, tmp_path: Path) -> None:
    visitor.box.evaluate("box => localStorage.setItem('draft /', 'not sent')")
    archive = _export_all(visitor, tmp_path)
    visitor.page.get_by_role("button", name="Delete everything", exact=True).click()
    dialog = visitor.page.get_by_role("dialog", name="Delete everything")
    expect(dialog).to_contain_text("can’t be undone")
    dialog.get_by_role("button", name="Delete everything", exact=True).click()
    expect(visitor.page).to_have_url(f"{visitor.url}/")
    expect(visitor.questions).to_have_count(0)
    visitor.open_list()
    expect(visitor.navigation).to_contain_text("Your conversations will appear here.")
    expect(_links(visitor)).to_have_count(0)
    assert visitor.page.evaluate("localStorage.getItem('draft /')") is None

    visitor.page.reload()
    visitor.wait_until_ready()
    _open_settings(visitor)
    _import(visitor, archive)
    expect(visitor.page.get_by_role("dialog", name="My data").get_by_role("status")).to_have_text(
        "Conversations imported: 1."
    )
    _import(visitor, archive)
    expect(visitor.page.get_by_role("dialog", name="My data").get_by_role("status")).to_have_text(
        "There was nothing new in the file. Already here: 1."
    )
    visitor.page.keyboard.press("Escape")
    visitor.open_list()
    expect(_links(visitor)).to_have_count(1)
    visitor.conversation_link("What do cats do?").click()
    expect(visitor.questions).to_have_text(["What do cats do?"])
    expect(visitor.answers).to_have_text(["They purr."])


def test_a_file_that_is_no_export_is_refused_with_the_reason(chat: ChatPage, tmp_path: Path) -> None:
    archive = tmp_path / "other.json"
    _open_settings(chat)
    for content, reason in WRONG_FILES:
        archive.write_bytes(content)
        _import(chat, archive)
        expect(chat.page.get_by_role("dialog", name="My data").get_by_role("status")).to_have_text(re.compile(reason))
    expect(_links(chat)).to_have_count(0)


def _open_settings(chat: ChatPage) -> None:
    chat.open_list()
    chat.navigation.get_by_role("button", name="Settings", exact=True).click()
    chat.page.get_by_role("button", name="My data", exact=True).click()
    expect(chat.page.get_by_role("dialog", name="My data")).to_be_visible()


def _export_all(chat: ChatPage, folder: Path) -> Path:
    _open_settings(chat)
    with chat.page.expect_download() as download:
        chat.page.get_by_role("button", name="Export all conversations", exact=True).click()
    assert re.fullmatch(rf"All conversations {DATE}\.json", download.value.suggested_filename)
    archive = folder / download.value.suggested_filename
    download.value.save_as(archive)
    return archive


def _import(chat: ChatPage, archive: Path) -> None:
    with chat.page.expect_file_chooser() as chooser:
        chat.page.get_by_text("Import conversations", exact=True).click()
    chooser.value.set_files(archive)


def _links(chat: ChatPage) -> Locator:
    return chat.navigation.get_by_role("listitem").get_by_role("link")
