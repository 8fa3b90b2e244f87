"""The sidebar, the header, and dialogs."""

import pytest
from playwright.sync_api import expect

from tests.browser.chat_page import CONVERSATION_ADDRESS, ChatPage
from tests.browser.conftest import LAPTOP, NewVisitor, at_both_widths, on_a_phone
from tests.browser.facts import import_facts
from tests.browser.looks import page_overflow
from tests.fake_upstream import FakeUpstream

LOW = {"width": 844, "height": 200}
MAGNIFIED = {"width": 320, "height": 200}  # a laptop's window at 400 %

# Added before the page loads.
KEEP_SHIFTS = """window.shifts = [];
new PerformanceObserver((list) => shifts.push(...list.getEntries().map(({value}) => value)))
  .observe({type: "layout-shift", buffered: true});"""


def test_the_side_bar_is_folded_and_stays_so_when_the_page_is_loaded_again(chat: ChatPage) -> None:
    chat.page.add_init_script(KEEP_SHIFTS)
    expect(chat.open_list_button).to_be_hidden()
    chat.close_list_button.click()
    expect(chat.navigation).to_be_hidden()
    expect(chat.open_list_button).to_be_focused()
    chat.reload()
    expect(chat.navigation).to_be_hidden()
    assert sum(chat.page.evaluate("shifts")) < 0.01
    chat.open_list_button.click()
    expect(chat.navigation).to_be_visible()
    expect(chat.close_list_button).to_be_focused()
    chat.reload()
    expect(chat.navigation).to_be_visible()


@at_both_widths
def test_a_shortcut_folds_and_unfolds_the_side_bar(chat: ChatPage, window: dict[str, int]) -> None:
    is_wide = window == LAPTOP
    expect(chat.navigation).to_be_visible(visible=is_wide)
    for is_visible in (not is_wide, is_wide):
        chat.page.keyboard.press("Control+Shift+S")
        expect(chat.navigation).to_be_visible(visible=is_visible)
    expect(chat.box).to_be_focused()


@at_both_widths
def test_a_new_chat_begins_without_opening_the_list(chat: ChatPage) -> None:
    chat.ask("About cats")
    if chat.close_list_button.is_visible():
        chat.close_list_button.click()
    chat.page.get_by_role("main").get_by_role("link", name="New chat", exact=True).click()
    expect(chat.questions).to_have_count(0)
    expect(chat.box).to_be_focused()


@on_a_phone
def test_the_header_has_the_menu_of_the_conversation(chat: ChatPage, upstream: FakeUpstream) -> None:
    header = chat.page.get_by_role("main")
    expect(header.get_by_role("button", name="Options")).to_have_count(0)
    chat.ask("About cats")
    expect(chat.page).to_have_url(CONVERSATION_ADDRESS)
    if chat.close_list_button.is_visible():
        chat.close_list_button.click()
    menu = chat.page.get_by_role("group", name="Options")

    header.get_by_role("button", name="Options: About cats").click()
    menu.get_by_role("button", name="Rename").click()
    title = chat.page.get_by_role("textbox", name="Title")
    expect(title).to_have_value("About cats")
    title.fill("고양이")
    title.press("Enter")
    expect(chat.page).to_have_title("고양이")
    options = header.get_by_role("button", name="Options: 고양이")
    expect(options).to_be_focused()

    options.click()
    with chat.page.expect_download() as download:
        menu.get_by_role("button", name="Export as Markdown").click()
    assert download.value.suggested_filename.startswith("고양이 20")

    options.click()
    menu.get_by_role("button", name="Delete").click()
    expect(chat.questions).to_have_count(0)
    undo = chat.page.get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    undo.click()
    chat.open_list()
    expect(chat.conversation_link("고양이")).to_be_visible()


@on_a_phone
def test_a_dialog_replaces_the_one_before_and_leads_back_to_it(chat: ChatPage) -> None:
    dialogs = chat.page.get_by_role("dialog")
    chat.open_list()
    settings = chat.navigation.get_by_role("button", name="Settings", exact=True)
    settings.click()
    for name in ("My data", "Delete everything"):
        dialogs.get_by_role("button", name=name, exact=True).click()
        expect(dialogs).to_have_count(1)
        expect(dialogs).to_have_accessible_name(name)
    for name in ("My data", "Settings"):
        dialogs.get_by_role("button", name="Back").click()
        expect(dialogs).to_have_count(1)
        expect(dialogs).to_have_accessible_name(name)
    dialogs.get_by_role("button", name="My data", exact=True).click()
    chat.page.keyboard.press("Control+k")
    expect(dialogs).to_have_count(1)
    expect(chat.page.get_by_role("searchbox")).to_be_focused()
    chat.page.keyboard.press("Escape")
    expect(dialogs).to_have_count(0)
    # The button of the first dialog, or of the drawer around it.
    expect(settings.or_(chat.open_list_button).filter(visible=True).first).to_be_focused()


def test_the_keyboard_stays_in_a_dialog(chat: ChatPage) -> None:
    chat.page.keyboard.press("Control+/")
    dialog = chat.page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    for _ in range(4):
        chat.page.keyboard.press("Tab")
        assert chat.page.evaluate("document.activeElement.closest('dialog, body').matches('dialog, body')")
        assert not chat.page.evaluate("Boolean(document.activeElement.closest('nav, main'))")
    chat.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(chat.box).to_be_focused()


@pytest.mark.parametrize("window", [LOW, MAGNIFIED], ids=["low", "magnified"], indirect=True)
def test_all_of_a_dialog_can_be_reached_in_a_very_low_window(chat: ChatPage) -> None:
    import_facts(chat, 1)
    chat.open_list()
    chat.conversation_link("Facts").click()
    expect(chat.questions).to_have_count(1)
    chat.open_list()
    chat.navigation.get_by_role("button", name="Settings", exact=True).click()
    chat.page.get_by_role("button", name="My data").click()
    chat.page.get_by_role("button", name="Delete everything").click()
    delete = chat.page.get_by_role("dialog").get_by_role("button", name="Delete everything")
    delete.click(trial=True)
    expect(delete).to_be_in_viewport(ratio=0.9)
    expect(chat.page.get_by_role("dialog").get_by_role("button", name="Close")).to_be_in_viewport(ratio=0.9)
    assert page_overflow(chat.page) <= 0


def test_the_page_says_that_its_conversations_belong_to_this_browser(chat: ChatPage) -> None:
    chat.navigation.get_by_role("button", name="Settings", exact=True).click()
    chat.page.get_by_role("button", name="My data").click()
    expect(chat.page.get_by_role("dialog")).to_contain_text("in this browser only")
    expect(chat.page.get_by_role("dialog")).to_contain_text("export them here and import them there")


def test_without_scripts_the_page_says_what_it_needs_in_all_languages(chat: ChatPage, new_visitor: NewVisitor) -> None:
    browser = chat.page.context.browser
    assert browser
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(chat.url)
    sentences = page.locator("noscript p")  # which Playwright's text locators leave out
    expect(sentences).to_contain_text(["This page needs JavaScript.", "JavaScript가 필요합니다."])
    for sentence in sentences.all():
        expect(sentence).to_be_visible()
    context.close()


def test_a_phone_gets_an_icon_and_the_colour_of_the_theme(chat: ChatPage) -> None:
    icon = chat.page.locator("link[rel=apple-touch-icon]").get_attribute("href")
    assert chat.page.request.get(f"{chat.url}{icon}").headers["content-type"] == "image/png"
    colours = chat.page.locator("meta[name=theme-color]")
    for colour, mode in ((colours.first, "light"), (colours.last, "dark")):
        expect(colour).to_have_attribute("media", f"(prefers-color-scheme: {mode})")
    chat.navigation.get_by_role("button", name="Settings", exact=True).click()
    theme = chat.page.get_by_role("combobox", name="Theme")
    for name in ("Dark", "Light"):
        theme.select_option(name)
        red, green, blue = chat.page.evaluate(
            "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
        )
        colour = f"#{red:02x}{green:02x}{blue:02x}"
        expect(colours.first).to_have_attribute("content", colour)
        expect(colours.last).to_have_attribute("content", colour)
