"""The chosen theme and language, which the browser remembers."""

from playwright.sync_api import Locator, expect

from tests.browser.chat_page import ChatPage


def test_a_chosen_theme_stays_whatever_the_system_says(chat: ChatPage) -> None:
    html = chat.page.locator("html")
    chat.page.emulate_media(color_scheme="light")
    expect(html).not_to_have_css("color-scheme", "dark")
    _setting(chat, "Theme").select_option("Dark")
    expect(html).to_have_css("color-scheme", "dark")
    chat.reload()
    expect(html).to_have_css("color-scheme", "dark")
    expect(_setting(chat, "Theme")).to_have_value("dark")
    _setting(chat, "Theme").select_option("System")
    expect(html).not_to_have_css("color-scheme", "dark")
    chat.page.emulate_media(color_scheme="dark")
    expect(html).to_have_css("color-scheme", "dark")


def test_a_chosen_language_stays_whatever_the_browser_says(chat: ChatPage) -> None:
    expect(_setting(chat, "Language")).to_have_value("en")
    _setting(chat, "Language").select_option("한국어")
    expect(chat.page.get_by_role("dialog", name="설정")).to_be_visible()
    expect(chat.page.locator("html")).to_have_attribute("lang", "ko")
    chat.page.reload()
    expect(chat.page.get_by_role("textbox", name="메시지", exact=True)).to_be_visible()
    expect(chat.page.locator("html")).to_have_attribute("lang", "ko")


def _setting(chat: ChatPage, name: str) -> Locator:
    """Open the settings if need be and find the control with this name."""
    dialog = chat.page.get_by_role("dialog", name="Settings")
    if not dialog.is_visible():
        chat.open_list()
        chat.navigation.get_by_role("button", name="Settings", exact=True).click()
    return dialog.get_by_role("combobox", name=name)
