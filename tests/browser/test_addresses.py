"""Addresses of conversations: reload, second tab, navigation."""

from playwright.sync_api import expect

from tests.browser.chat_page import CONVERSATION_ADDRESS, ChatPage
from tests.fake_upstream import FakeUpstream

STORY = "Once upon a time. The end."
BEGINNING = "Once upon a time."


def test_the_page_stays_the_same_when_a_conversation_gets_address_and_title(
    chat: ChatPage, upstream: FakeUpstream
) -> None:
    chat.box.evaluate("box => { box.isMarked = true }")
    _start(chat, upstream)
    chat.box.press_sequentially("My next thought")
    expect(chat.page).to_have_url(CONVERSATION_ADDRESS)
    expect(chat.page).to_have_title("Tell me a story")
    upstream.release()
    chat.wait_until_answered()
    expect(chat.box).to_have_value("My next thought")
    expect(chat.box).to_be_focused()
    assert chat.box.evaluate("box => box.isMarked === true"), "there is another box in its place"


def test_the_address_of_a_new_conversation_loads_nothing(chat: ChatPage) -> None:
    chat.ask("Hello")
    loaded: list[str] = []
    chat.page.on("request", lambda request: loaded.append(request.url))
    chat.start_new_chat()
    chat.ask("Hello again")
    expect(chat.page).to_have_url(CONVERSATION_ADDRESS)
    assert loaded == []


def test_an_address_without_a_page_has_the_status_404(chat: ChatPage) -> None:
    statuses = {"/": 200, "/chat/unknown": 200, "/chat": 404, "/nowhere": 404, "/not/a/page": 404}
    assert {path: chat.page.request.get(f"{chat.url}{path}").status for path in statuses} == statuses


def test_a_reload_while_an_answer_streams_shows_its_text_and_streams_on(chat: ChatPage, upstream: FakeUpstream) -> None:
    _start(chat, upstream)
    expect(chat.page).to_have_url(CONVERSATION_ADDRESS)
    chat.reload()
    expect(chat.questions).to_have_text(["Tell me a story"])
    expect(chat.answer).to_have_text(BEGINNING)
    expect(chat.stop_button).to_be_visible()
    upstream.release()
    expect(chat.answer).to_have_text(STORY)
    chat.wait_until_answered()
    assert upstream.calls == 1


def test_a_second_tab_streams_the_same_answer(chat: ChatPage, upstream: FakeUpstream) -> None:
    _start(chat, upstream)
    other = chat.open_second_tab()
    expect(other.answer).to_have_text(BEGINNING)
    upstream.release()
    for tab in (chat, other):
        expect(tab.answer).to_have_text(STORY)
        tab.wait_until_answered()
    assert upstream.calls == 1


def test_an_answer_is_completed_after_its_tab_was_closed(chat: ChatPage, upstream: FakeUpstream) -> None:
    _start(chat, upstream)
    expect(chat.page).to_have_url(CONVERSATION_ADDRESS)
    address, context = chat.page.url, chat.page.context
    chat.page.close()
    upstream.release()
    assert upstream.wait_closed()
    later = ChatPage(context.new_page(), chat.url)
    later.open(address)
    expect(later.answer).to_have_text(STORY)
    later.wait_until_answered()
    assert upstream.calls == 1


def test_conversations_are_listed_newest_first_and_open_when_clicked(chat: ChatPage) -> None:
    chat.ask("About cats")
    chat.new_chat_link.click()
    expect(chat.questions).to_have_count(0)
    chat.ask("About dogs")
    links = chat.navigation.get_by_role("listitem").get_by_role("link")
    expect(links).to_have_text(["About dogs", "About cats"])
    chat.conversation_link("About cats").click()
    expect(chat.questions).to_have_text(["About cats"])
    expect(chat.page).to_have_title("About cats")


def test_the_new_chat_link_leads_to_an_empty_page_and_the_back_button_to_the_conversation(chat: ChatPage) -> None:
    chat.ask("Hello")
    expect(chat.page).to_have_url(CONVERSATION_ADDRESS)
    address = chat.page.url
    chat.new_chat_link.click()
    expect(chat.page).to_have_url(f"{chat.url}/")
    expect(chat.questions).to_have_count(0)
    expect(chat.answers).to_have_count(0)
    chat.page.go_back()
    expect(chat.page).to_have_url(address)
    expect(chat.questions).to_have_text(["Hello"])


def test_an_answer_goes_on_while_another_conversation_is_open(chat: ChatPage, upstream: FakeUpstream) -> None:
    _start(chat, upstream)
    expect(chat.page).to_have_url(CONVERSATION_ADDRESS)
    chat.new_chat_link.click()
    expect(chat.questions).to_have_count(0)
    expect(chat.send_button).to_be_visible()
    chat.say("Something else")
    assert upstream.wait_held(2)
    expect(chat.questions).to_have_text(["Something else"])
    upstream.release()
    chat.wait_until_answered()
    expect(chat.answers).to_have_text(["Hello from the fake upstream."])
    chat.conversation_link("Tell me a story").click()
    expect(chat.answers).to_have_text([STORY])


def test_an_address_without_a_page_says_that_there_is_no_such_conversation(chat: ChatPage) -> None:
    chat.open("/nowhere")
    expect(chat.page.get_by_role("heading", name="There is no such conversation")).to_be_visible()


def _start(chat: ChatPage, upstream: FakeUpstream) -> None:
    upstream.answer(STORY, chunk_size=len(BEGINNING))
    upstream.hold(after=1)
    chat.say("Tell me a story")
    expect(chat.answer).to_have_text(BEGINNING)
