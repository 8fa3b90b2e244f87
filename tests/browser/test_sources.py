"""The web pages that an answer cites, as links."""

from playwright.sync_api import expect

from tests.browser.chat_page import ChatPage
from tests.fake_upstream import FakeUpstream, chunk


def test_cited_pages_are_numbered_links_that_open_in_another_tab(chat: ChatPage, upstream: FakeUpstream):
    cited = [("https://a.example/x", "Rain in Seoul"), ("javascript:alert(1)", "Bad"), ("https://b.example/", "")]
    annotations = [{"type": "url_citation", "url_citation": {"url": url, "title": title}} for url, title in cited]
    delta = {"content": "It rains.", "annotations": annotations * 2}
    upstream.answer_chunks([chunk(delta, "stop")])
    chat.ask("Does it rain?")
    for _ in range(2):
        links = chat.answers.get_by_role("listitem").get_by_role("link")
        expect(links).to_have_text(["Rain in Seoul", "b.example"])
        expect(links.first).to_have_attribute("href", "https://a.example/x")
        expect(links.first).to_have_attribute("target", "_blank")
        expect(links.first).to_have_attribute("rel", "noopener noreferrer nofollow")
        chat.reload()
