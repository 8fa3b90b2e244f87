"""The app as its developers run it: the page and the API on ports of their own."""

from playwright.sync_api import expect

from tests.app_server import DevelopmentServer
from tests.browser.chat_page import CONVERSATION_ADDRESS
from tests.browser.conftest import NewVisitor
from tests.fake_upstream import FakeUpstream


def test_an_answer_streams_and_is_still_there_after_a_reload(
    new_developer: NewVisitor, upstream: FakeUpstream, development_server: DevelopmentServer
) -> None:
    chat = new_developer()
    assert development_server.url != development_server.api_url
    upstream.answer("One two three", chunk_size=7)
    upstream.hold(after=1)
    chat.say("Count")
    expect(chat.answer).to_have_text("One two")
    upstream.release()
    expect(chat.answer).to_have_text("One two three")
    expect(chat.page).to_have_url(CONVERSATION_ADDRESS)
    chat.reload()
    expect(chat.questions).to_have_text(["Count"])
    expect(chat.answers).to_have_text(["One two three"])
