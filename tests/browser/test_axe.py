"""Audits by axe-core of the page in all its states, light and dark. https://github.com/dequelabs/axe-core"""

from typing import Literal

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import FilePayload, expect

from tests.browser.chat_page import ChatPage
from tests.browser.conftest import PHONE, NewVisitor, on_a_phone
from tests.fake_upstream import FakeUpstream
from tests.sample_files import picture

THEMES: dict[Literal["light", "dark"], dict[str, object]] = {
    "light": {},
    "dark": {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}},
}
EVERYTHING = """# A heading

Some *text* with `code`, a [link](https://elsewhere.example) and a footnote[^1].

- [x] done
- [ ] to be done

| Name | Value |
|---|---|
| a | 1 |

```python
print("Hello")  # and a comment
```

> A quotation, and $$x^2$$

[^1]: The footnote.
"""


def test_axe_finds_nothing_on_an_empty_page(chat: ChatPage) -> None:
    _assert_nothing_found(chat)
    chat.close_list_button.click()
    expect(chat.open_list_button).to_be_visible()
    _assert_nothing_found(chat)


def test_axe_finds_nothing_in_an_answer_with_all_of_markdown(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.answer(EVERYTHING, reasoning="Let me think.")
    chat.ask("Hello")
    expect(chat.answer.get_by_role("table")).to_be_visible()
    _assert_nothing_found(chat)


def test_axe_finds_nothing_in_attached_files_and_in_a_message_with_files(chat: ChatPage) -> None:
    sea: FilePayload = {"name": "sea.png", "mimeType": "image/png", "buffer": picture("PNG")}
    notes: FilePayload = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"The sea"}
    chat.page.get_by_label("Attach files").set_input_files([sea, notes])
    expect(chat.page.get_by_role("list", name="Attached files").get_by_role("listitem")).to_have_count(2)
    _assert_nothing_found(chat)
    chat.say("Hello")
    expect(chat.questions.get_by_role("img", name="sea.png")).to_be_visible()
    chat.wait_until_answered()
    _assert_nothing_found(chat)


def test_axe_finds_nothing_in_an_answer_being_written_stopped_or_failed(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.hold(after=1)
    chat.say("Hello")
    expect(chat.answer).to_contain_text("Hell")
    _assert_nothing_found(chat)
    chat.stop_button.click()
    expect(chat.answer).to_contain_text("You stopped this answer.")
    chat.wait_until_answered()
    _assert_nothing_found(chat)
    upstream.release()
    upstream.reset_after(2)
    chat.ask("Hello again")
    expect(chat.alert).to_be_visible()
    _assert_nothing_found(chat)


@on_a_phone
def test_axe_finds_nothing_in_a_message_with_versions_and_its_editor(chat: ChatPage, upstream: FakeUpstream) -> None:
    chat.ask("Hello")
    chat.answer.get_by_role("button", name="Regenerate", exact=True).click()
    expect(chat.answer.get_by_role("group", name="Versions", exact=True)).to_be_visible()
    chat.wait_until_answered()
    _assert_nothing_found(chat)
    chat.edit_button.click()
    expect(chat.editor).to_be_focused()
    _assert_nothing_found(chat)


def test_axe_finds_nothing_in_the_details_of_an_answer_and_its_comment(chat: ChatPage, upstream: FakeUpstream) -> None:
    chat.ask("Hello")
    chat.answer.get_by_role("button", name="Details", exact=True).click()
    expect(chat.answer.get_by_role("dialog", name="Details")).to_be_visible()
    _assert_nothing_found(chat)
    chat.answer.get_by_role("button", name="Bad answer", exact=True).click()
    chat.answer.get_by_role("button", name="Comment", exact=True).click()
    expect(chat.answer.get_by_role("textbox")).to_be_focused()
    _assert_nothing_found(chat)


def test_axe_finds_nothing_at_an_unknown_address(chat: ChatPage) -> None:
    chat.open(f"/chat/{'0' * 32}")
    expect(chat.page.get_by_role("heading", name="There is no such conversation")).to_be_visible()
    _assert_nothing_found(chat)


def test_axe_finds_nothing_in_the_menu_of_a_conversation_its_dialog_and_its_deletion(
    chat: ChatPage, upstream: FakeUpstream
) -> None:
    chat.ask("Hello")
    chat.page.get_by_role("main").get_by_role("button", name="Options: Hello").click()
    rename = chat.page.get_by_role("button", name="Rename", exact=True)
    expect(rename).to_be_visible()
    _assert_nothing_found(chat)
    rename.click()
    expect(chat.page.get_by_role("textbox", name="Title")).to_be_visible()
    _assert_nothing_found(chat)
    chat.page.keyboard.press("Escape")
    chat.act_on("Hello", "Delete")
    expect(chat.page.get_by_role("button", name="Undo")).to_be_visible()
    _assert_nothing_found(chat)


def test_axe_finds_nothing_in_the_search(chat: ChatPage, upstream: FakeUpstream) -> None:
    chat.ask("Hello")
    chat.page.keyboard.press("Control+k")
    dialog = chat.page.get_by_role("dialog", name="Search")
    expect(dialog.get_by_role("heading", name="Recent")).to_be_visible()
    _assert_nothing_found(chat)
    chat.page.get_by_role("searchbox", name="Search").fill("upstream")
    expect(dialog.locator("mark")).to_have_count(1)
    _assert_nothing_found(chat)
    chat.page.get_by_role("searchbox", name="Search").fill("zebra")
    expect(dialog.get_by_role("status")).to_contain_text("Nothing found.")
    _assert_nothing_found(chat)


def test_axe_finds_nothing_in_the_settings_and_the_shortcuts(chat: ChatPage) -> None:
    chat.navigation.get_by_role("button", name="Settings").click()
    expect(chat.page.get_by_role("dialog", name="Settings")).to_be_visible()
    _assert_nothing_found(chat)
    chat.page.get_by_role("button", name="Keyboard shortcuts").click()
    expect(chat.page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    _assert_nothing_found(chat)


def test_axe_finds_nothing_in_my_data_and_its_deletion(chat: ChatPage) -> None:
    chat.navigation.get_by_role("button", name="Settings").click()
    chat.page.get_by_role("button", name="My data").click()
    delete = chat.page.get_by_role("button", name="Delete everything")
    expect(delete).to_be_visible()
    _assert_nothing_found(chat)
    delete.click()
    expect(chat.page.get_by_role("dialog", name="Delete everything")).to_be_visible()
    _assert_nothing_found(chat)


def test_axe_finds_nothing_in_the_drawer_of_a_phone_in_korean(new_visitor: NewVisitor, upstream: FakeUpstream) -> None:
    chat = new_visitor(viewport=PHONE, has_touch=True, is_mobile=True, locale="ko-KR")
    chat.page.get_by_role("button", name="대화 목록 열기").click()
    expect(chat.page.get_by_role("navigation")).to_be_visible()
    _assert_nothing_found(chat)


def _assert_nothing_found(chat: ChatPage) -> None:
    """Check every rule in light, and in dark those of colours, since a theme changes nothing else."""
    chat.page.evaluate(AXE_SCRIPT)
    for theme, rules in THEMES.items():
        chat.page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # a moving element has no constant colour
        found = AxeResults(chat.page.evaluate("options => axe.run(options)", {"resultTypes": ["violations"], **rules}))
        assert found.violations_count == 0, f"{theme}: {found.generate_report()}"
