"""The menu of models: a choice for each question, remembered for each conversation."""

from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.app_server import AppServer
from tests.browser.chat_page import ChatPage
from tests.browser.conftest import NewVisitor, with_settings
from tests.fake_upstream import FakeUpstream

SERVERS = str(Path(__file__).parents[1] / "data/servers.toml")

pytestmark = with_settings(OPENAI_MODELS="small=Small model,large=Large model", PROVIDERS=SERVERS)


def menu(chat: ChatPage) -> Locator:
    return chat.page.get_by_role("combobox", name="Model", exact=True)


def asked(upstream: FakeUpstream) -> list[str]:
    return [request.body["model"] for request in upstream.requests]


def test_the_menu_has_all_models_below_the_names_of_their_servers(chat: ChatPage):
    expect(menu(chat).get_by_role("option")).to_have_text(["Small model", "Large model", "Far away"])
    heading = menu(chat).locator("optgroup")  # Playwright doesn't know the name of its role
    expect(heading).to_have_attribute("label", "elsewhere")
    expect(heading.get_by_role("option")).to_have_text(["Far away"])
    expect(menu(chat)).to_have_value("small")


def test_each_question_goes_to_the_model_chosen_for_it(chat: ChatPage, upstream: FakeUpstream):
    chat.ask("To the small one")
    menu(chat).select_option("Large model")
    chat.ask("To the large one")
    chat.ask("To the large one again")
    assert asked(upstream) == ["small", "large", "large"]


def test_a_conversation_remembers_its_model(chat: ChatPage, upstream: FakeUpstream):
    menu(chat).select_option("Large model")
    chat.ask("First")
    chat.reload()
    expect(menu(chat)).to_have_value("large")
    chat.start_new_chat()
    menu(chat).select_option("Small model")
    chat.ask("Second")
    chat.open_list()
    chat.conversation_link("First").click()
    expect(chat.questions).to_have_text(["First"])
    expect(menu(chat)).to_have_value("large")
    chat.ask("Third")
    assert asked(upstream) == ["large", "small", "large"]


def test_an_answer_is_regenerated_with_another_model(chat: ChatPage, upstream: FakeUpstream):
    upstream.answer("From the small one.")
    chat.ask("Who are you?")
    upstream.answer("From the large one.")
    chat.answer.hover()
    chat.answer.get_by_role("button", name="Regenerate with another model", exact=True).click()
    models = chat.answer.get_by_role("dialog", name="Regenerate with another model", exact=True)
    expect(models.get_by_role("button")).to_have_text(["Small model", "Large model", "Far away"])
    models.get_by_role("button", name="Large model", exact=True).press("Enter")
    expect(chat.answer).to_contain_text("From the large one.")
    expect(models).to_be_hidden()
    chat.wait_until_answered()
    assert asked(upstream) == ["small", "large"]
    expect(menu(chat)).to_have_value("large")
    expect(chat.answer.get_by_text("2 / 2")).to_be_visible()


def test_the_error_of_another_server_is_shown_like_that_of_the_first(chat: ChatPage, upstream: FakeUpstream):
    menu(chat).select_option("Far away")
    chat.say("Hello?")
    expect(chat.alert).to_be_visible()
    expect(chat.try_again_button).to_be_visible()
    assert not upstream.calls


def test_keys_and_addresses_of_servers_stay_on_the_server(new_visitor: NewVisitor, server: AppServer):
    received: list[str] = []
    page = new_visitor()
    page.page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(str(frame))))
    page.open()
    expect(menu(page)).to_be_visible()
    assert received
    assert "127.0.0.1:9" not in "".join(received)


def test_the_settings_say_what_the_chosen_model_can_take(chat: ChatPage):
    def searches() -> Locator:
        return chat.page.get_by_role("checkbox", name="Search the web", exact=True)

    hint = chat.page.get_by_text("This model doesn’t reason, so this has no effect.")
    settings = chat.page.get_by_role("button", name="Settings of this conversation", exact=True)
    settings.click()
    expect(chat.page.get_by_role("dialog")).to_be_visible()
    expect(searches()).to_have_count(0)
    expect(hint).to_have_count(0)
    chat.page.keyboard.press("Escape")
    menu(chat).select_option("Far away")
    settings.click()
    expect(hint).to_be_visible()
    searches().check()
    chat.page.get_by_role("button", name="Save", exact=True).click()
    settings.click()
    expect(searches()).to_be_checked()
