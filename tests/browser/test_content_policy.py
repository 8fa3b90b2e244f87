"""The Content Security Policy of the page, in production and in development mode."""

import pytest

from tests.browser.chat_page import ChatPage
from tests.browser.conftest import NewVisitor
from tests.browser.elsewhere import ELSEWHERE, fetched_elsewhere

# Adds an element that would fetch something; resolves to the directive that refuses it.
_REFUSED = """(html) => new Promise((resolve) => {
  const refuse = ({effectiveDirective}) => resolve(effectiveDirective);
  document.addEventListener("securitypolicyviolation", refuse, {once: true});
  const element = new DOMParser().parseFromString(html, "text/html").querySelector("body *, head *");
  // Scripts of a parsed document never run, copies of them do.
  const copy = document.createElement(element.tagName);
  for (const {name, value} of element.attributes) copy.setAttribute(name, value);
  document.body.append(copy);
})"""

LURES = [
    (f"<img src='{ELSEWHERE}/1.png'>", "img-src"),
    (f"<link rel='stylesheet' href='{ELSEWHERE}/2.css'>", "style-src-elem"),
    (f"<script src='{ELSEWHERE}/3.js'></script>", "script-src-elem"),
    (f"<iframe src='{ELSEWHERE}/4'></iframe>", "frame-src"),
    (f"<object data='{ELSEWHERE}/5'></object>", "object-src"),
    (f"<video src='{ELSEWHERE}/6.mp4'></video>", "media-src"),
]


@pytest.fixture(params=["production", "development"])
def chat(request: pytest.FixtureRequest) -> ChatPage:
    """The page of a new visitor in either mode."""
    open_page: NewVisitor = request.getfixturevalue("new_visitor" if request.param == "production" else "new_developer")
    return open_page()


def test_the_policy_refuses_elements_that_fetch_from_another_site(chat: ChatPage) -> None:
    fetched = fetched_elsewhere(chat)
    refused = [chat.page.evaluate(_REFUSED, html) for html, _ in LURES]
    assert refused == [directive for _, directive in LURES]
    assert fetched == []


def test_the_page_needs_nothing_that_its_policy_refuses(chat: ChatPage) -> None:
    complaints: list[str] = []
    chat.page.on("console", lambda message: complaints.append(message.text))
    chat.reload()
    chat.box.fill("Hello")
    assert [text for text in complaints if "Content Security Policy" in text] == []
