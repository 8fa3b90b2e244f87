"""The settings of a conversation: instructions for the model, and options of its answers."""

from playwright.sync_api import Locator, expect

from tests.browser.chat_page import ChatPage
from tests.fake_upstream import FakeUpstream


def button(chat: ChatPage) -> Locator:
    return chat.page.get_by_role("button", name="Settings of this conversation", exact=True)


def dialog(chat: ChatPage) -> Locator:
    return chat.page.get_by_role("dialog", name="Settings of this conversation", exact=True)


def box(chat: ChatPage, label: str) -> Locator:
    role = "textbox" if label == "Instructions" else "spinbutton"
    return dialog(chat).get_by_role(role, name=label, exact=True)


def change(chat: ChatPage, **values: str) -> None:
    """Fill the boxes with these labels, and save."""
    button(chat).click()
    for label, value in values.items():
        box(chat, label).fill(value)
    dialog(chat).get_by_role("button", name="Save", exact=True).click()
    expect(dialog(chat)).to_be_hidden()


def test_instructions_and_options_reach_the_model_and_stay_with_the_conversation(
    chat: ChatPage, upstream: FakeUpstream
):
    change(chat, Instructions="시처럼 답해 줘.", Temperature="0.5")
    chat.ask("Hello")
    sent = upstream.requests[-1].body
    assert sent["temperature"] == 0.5
    assert sent["messages"][0]["content"].endswith("시처럼 답해 줘.")
    chat.reload()
    button(chat).click()
    expect(box(chat, "Instructions")).to_have_value("시처럼 답해 줘.")
    expect(box(chat, "Temperature")).to_have_value("0.5")
    chat.page.keyboard.press("Escape")
    chat.ask("And again")
    assert upstream.requests[-1].body["temperature"] == 0.5
    chat.start_new_chat()
    chat.ask("Without settings")
    assert "temperature" not in upstream.requests[-1].body


def test_an_option_that_the_model_refuses_is_named_once_and_left_out(chat: ChatPage, upstream: FakeUpstream):
    upstream.fail(400, {"error": {"message": "temperature is not supported", "param": "temperature"}})
    change(chat, Temperature="0.7")
    chat.ask("Hello")
    notice = chat.answers.get_by_text("The model doesn’t support “Temperature” with this value. It was left out.")
    expect(notice).to_be_visible()
    expect(chat.alert).to_have_count(0)
    chat.ask("Hello again")
    expect(notice).to_have_count(1)
    chat.reload()
    expect(notice).to_have_count(1)
    assert ["temperature" in request.body for request in upstream.requests] == [True, False, False]


def test_a_value_out_of_range_keeps_the_dialog_open(chat: ChatPage):
    button(chat).click()
    box(chat, "Temperature").fill("5")
    dialog(chat).get_by_role("button", name="Save", exact=True).click()
    expect(dialog(chat)).to_be_visible()
    box(chat, "Temperature").fill("1")
    dialog(chat).get_by_role("button", name="Save", exact=True).click()
    expect(dialog(chat)).to_be_hidden()
