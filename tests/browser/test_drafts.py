"""What was written and not sent is kept, for each conversation."""

from playwright.sync_api import expect

from tests.browser.chat_page import CONVERSATION_ADDRESS, ChatPage
from tests.browser.conftest import at_both_widths


@at_both_widths
def test_each_conversation_has_its_own(chat: ChatPage) -> None:
    chat.ask("About cats")
    expect(chat.page).to_have_url(CONVERSATION_ADDRESS)
    chat.box.fill("고양이는")
    chat.open_list()
    chat.start_new_chat()
    expect(chat.box).to_have_value("")
    chat.box.fill("Something new")
    chat.open_list()
    chat.conversation_link("About cats").click()
    expect(chat.box).to_have_value("고양이는")
    chat.reload()
    expect(chat.box).to_have_value("고양이는")
    chat.open_list()
    chat.start_new_chat()
    expect(chat.box).to_have_value("Something new")


@at_both_widths
def test_what_was_sent_is_none_any_more(chat: ChatPage) -> None:
    chat.ask("About cats")
    chat.reload()
    expect(chat.box).to_have_value("")
    chat.ask("And dogs?")
    chat.reload()
    expect(chat.box).to_have_value("")
