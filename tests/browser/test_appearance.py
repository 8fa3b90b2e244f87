"""Layout on phone and laptop, colour themes, languages, and the demo model."""

import re

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.chat_page import CONVERSATION_ADDRESS, ChatPage
from tests.browser.conftest import PHONE, NewVisitor, at_both_widths
from tests.browser.looks import page_overflow
from tests.fake_upstream import FakeUpstream

WIDE = f"""# A heading

A{"a" * 200} https://elsewhere.example/{"path/" * 40}

```python
print("{"wide " * 60}")
```

| {" | ".join(f"Column {number}" for number in range(12))} |
|{"---|" * 12}
| {" | ".join(["value"] * 12)} |
"""

RECONNECTION = 20_000  # milliseconds, at most

_IS_NO_DEMO = re.compile(r'("is_demo_rx_state_": ?)false')
_COLOUR = "(name) => getComputedStyle(document.body).getPropertyValue(name)"


class _DemoConnection:
    """The page's connection, by which the server says that it has no model; another server takes half a minute."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._is_demo = True
        self._ends: list[tuple[WebSocketRoute, WebSocketRoute]] = []
        page.route_web_socket(lambda url: "_event" in url, self._on_socket)

    def lose(self) -> None:
        """Close the connection; the next one says that there is a model."""
        self._is_demo = False
        for _, server in self._ends:
            server.close()
        self._page.wait_for_timeout(1_000)  # the server forgets the connection before the page makes another one
        for page, _ in self._ends:
            page.close()
        self._ends.clear()

    def _on_socket(self, page: WebSocketRoute) -> None:
        server = page.connect_to_server()
        self._ends.append((page, server))
        page.on_message(server.send)
        server.on_message(lambda message: page.send(self._changed(str(message))))

    def _changed(self, message: str) -> str:
        return _IS_NO_DEMO.sub(r"\1true", message) if self._is_demo else message


@pytest.fixture
def phone(new_visitor: NewVisitor, upstream: FakeUpstream) -> ChatPage:
    return new_visitor(viewport=PHONE, has_touch=True, is_mobile=True)


def test_a_phone_has_the_list_of_conversations_in_a_drawer_that_closes_when_one_is_chosen(phone: ChatPage) -> None:
    _ask_by_button(phone, "Hello")
    expect(phone.page).to_have_url(CONVERSATION_ADDRESS)
    expect(phone.navigation).to_be_hidden()
    phone.open_list_button.click()
    expect(phone.conversation_link("Hello")).to_be_in_viewport(ratio=1)
    phone.page.keyboard.press("Escape")
    expect(phone.navigation).to_be_hidden()
    expect(phone.open_list_button).to_be_focused()
    phone.open_list_button.click()
    phone.new_chat_link.click()
    expect(phone.navigation).to_be_hidden()
    expect(phone.page).to_have_url(f"{phone.url}/")
    phone.open_list_button.click()
    phone.conversation_link("Hello").click()
    expect(phone.navigation).to_be_hidden()
    expect(phone.questions).to_have_text(["Hello"])


def test_enter_on_a_phones_keyboard_breaks_the_line(phone: ChatPage) -> None:
    phone.box.press_sequentially("One")
    phone.box.press("Enter")
    phone.box.press_sequentially("Two")
    expect(phone.box).to_have_value("One\nTwo")


@at_both_widths
def test_no_content_is_wider_than_the_window(chat: ChatPage, upstream: FakeUpstream, window: dict[str, int]) -> None:
    assert page_overflow(chat.page) == 0
    upstream.answer(WIDE, chunk_size=50)
    chat.ask("wide" * 60)
    expect(chat.answer.get_by_role("cell")).to_have_count(12)
    assert page_overflow(chat.page) == 0
    for element in (chat.box, chat.send_button, chat.questions, chat.answer.get_by_role("heading")):
        expect(element).to_be_attached()
        box = element.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= window["width"]


def test_message_box_and_conversation_share_the_height_of_a_phone(phone: ChatPage, upstream: FakeUpstream) -> None:
    upstream.answer("A line.\n\n" * 60, chunk_size=90)
    _ask_by_button(phone, "Hello")
    phone.wait_until_at_end()
    expect(phone.box).to_be_in_viewport(ratio=1)
    expect(phone.send_button).to_be_in_viewport(ratio=1)
    assert phone.page.evaluate("document.documentElement.scrollHeight <= innerHeight")


def test_light_and_dark_colours_follow_the_system(chat: ChatPage) -> None:
    chat.page.emulate_media(color_scheme="light")
    assert _brightness(chat.page, "background-color") > 200
    assert _brightness(chat.page, "color") < 100
    paper = chat.page.evaluate(_COLOUR, "background-color")
    chat.page.emulate_media(color_scheme="dark")
    expect(chat.page.locator("body")).not_to_have_css("background-color", paper)
    assert _brightness(chat.page, "background-color") < 60
    assert _brightness(chat.page, "color") > 150


def test_no_animation_runs_with_reduced_motion(chat: ChatPage, upstream: FakeUpstream) -> None:
    moving = "document.getAnimations().filter(({playState}) => playState === 'running').length"
    upstream.hold(after=0)
    chat.say("Hello")
    expect(chat.answer.get_by_text("Thinking")).to_be_visible()
    assert chat.page.evaluate(moving) > 0
    chat.page.emulate_media(reduced_motion="reduce")
    assert chat.page.evaluate(moving) == 0
    upstream.release()
    chat.wait_until_answered()


def test_a_korean_browser_gets_a_korean_page(new_visitor: NewVisitor, upstream: FakeUpstream) -> None:
    page = new_visitor(locale="ko-KR").page
    upstream.fail(401, {"error": {"message": "no", "code": "invalid_api_key"}})
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    page.get_by_role("textbox", name="메시지", exact=True).fill("안녕하세요")
    page.get_by_role("button", name="보내기", exact=True).click()
    expect(page.get_by_role("log", name="대화", exact=True)).to_be_visible()
    expect(page.get_by_role("article", name="나", exact=True)).to_have_text("안녕하세요")
    expect(page.get_by_role("alert")).to_contain_text("OPENAI_API_KEY")
    expect(page.get_by_role("alert")).to_contain_text("확인하세요")
    expect(page.get_by_role("navigation", name="대화 목록", exact=True)).to_be_visible()


def test_a_suggestion_on_the_empty_page_is_sent_when_clicked(chat: ChatPage, upstream: FakeUpstream) -> None:
    expect(chat.page.get_by_role("heading", level=1)).to_be_visible()
    upstream.answer("| a |\n|---|\n| b |")
    chat.page.get_by_role("button", name="How do vaccines work?").click()
    expect(chat.questions).to_have_text(["How do vaccines work?"])
    expect(chat.answer.get_by_role("table")).to_be_visible()


def test_a_notice_and_suggestions_of_the_demo_model_are_shown_until_a_model_is_configured(chat: ChatPage) -> None:
    notice = chat.page.get_by_text("Answers come from the built-in demo model.")
    expect(chat.page.get_by_text("Check what matters")).to_be_visible()
    expect(notice).to_have_count(0)

    connection = _DemoConnection(chat.page)
    chat.open()
    expect(notice).to_be_visible()
    expect(chat.page.get_by_text("OPENAI_API_KEY or OPENAI_BASE_URL")).to_be_visible()
    expect(chat.page.get_by_role("button", name="Show me a table")).to_be_visible()

    # The page stays open while a model is set up.
    connection.lose()
    expect(chat.page.get_by_text("Check what matters")).to_be_visible(timeout=RECONNECTION)
    expect(notice).to_be_hidden()


def _ask_by_button(chat: ChatPage, text: str) -> None:
    chat.box.fill(text)
    chat.send_button.click()
    expect(chat.questions.last).to_have_text(text)
    chat.wait_until_answered()


def _brightness(page: Page, name: str) -> float:
    """Return the brightness of a colour of the page's body, from 0 to 255."""
    colour = page.evaluate(_COLOUR, name)
    red, green, blue = (int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))
    return 0.3 * red + 0.6 * green + 0.1 * blue
