"""Drafts: unsent text, kept for each conversation."""

from playwright.sync_api import expect

from tests.browser.chat_page import CONVERSATION_ADDRESS, ChatPage

# The browser refuses storage; the browser's storage is full.
_NO_DRAFTS = """for (const name of ["getItem", "setItem", "removeItem"]) {
  const access = Storage.prototype[name];
  Storage.prototype[name] = function (key, ...rest) {
    if (key.startsWith("draft ")) throw new DOMException("Access is denied.", "SecurityError");
    return access.call(this, key, ...rest);
  };
}"""
_FILL_UP = """for (let size = 2 ** 24; size >= 1; size /= 2) {
  try { for (let i = 0; ; i++) localStorage.setItem(`filler ${size} ${i}`, "x".repeat(size)) } catch {}
}"""


def test_each_conversation_keeps_its_own_draft(chat: ChatPage) -> None:
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


def test_a_sent_message_is_no_draft_any_more(chat: ChatPage) -> None:
    chat.ask("About cats")
    chat.reload()
    expect(chat.box).to_have_value("")
    chat.ask("And dogs?")
    chat.reload()
    expect(chat.box).to_have_value("")


def test_an_empty_box_leaves_no_draft(chat: ChatPage) -> None:
    chat.ask("About cats")
    expect(chat.page).to_have_url(CONVERSATION_ADDRESS)
    chat.box.fill("And")
    assert _drafts(chat) == [f"draft {chat.page.url.removeprefix(chat.url)}"]
    chat.box.fill("")
    assert _drafts(chat) == []


def test_messages_are_sent_although_the_browsers_storage_is_full(chat: ChatPage) -> None:
    chat.page.evaluate(_FILL_UP)
    chat.box.press_sequentially("About cats")
    chat.box.press("Enter")
    expect(chat.questions).to_have_text(["About cats"])
    chat.box.press_sequentially("And dogs?")
    chat.wait_until_answered()
    expect(chat.page).to_have_url(CONVERSATION_ADDRESS)
    expect(chat.box).to_have_value("And dogs?")
    chat.box.press("Enter")
    expect(chat.questions).to_have_text(["About cats", "And dogs?"])


def test_messages_are_sent_although_the_browser_refuses_storage(chat: ChatPage) -> None:
    chat.page.add_init_script(_NO_DRAFTS)
    chat.reload()
    chat.ask("About cats")
    expect(chat.page).to_have_url(CONVERSATION_ADDRESS)
    chat.box.fill("And dogs?")
    chat.box.press("Enter")
    expect(chat.questions).to_have_text(["About cats", "And dogs?"])


def _drafts(chat: ChatPage) -> list[str]:
    return chat.page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('draft '))")
