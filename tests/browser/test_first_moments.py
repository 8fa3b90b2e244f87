"""Messages sent while the page loads or while its connection is lost; blocked storage."""

from playwright.sync_api import Page, Route, WebSocketRoute, expect

from tests.browser.chat_page import CONVERSATION_ADDRESS, ChatPage
from tests.browser.conftest import NewVisitor
from tests.fake_upstream import FakeUpstream

RECONNECTION = 20_000  # milliseconds, at most
_BLOCKED = """
for (const name of ["localStorage", "sessionStorage"]) {
  const get = () => { throw new DOMException("denied", "SecurityError"); };
  Object.defineProperty(window, name, {get, configurable: true});
}
Object.defineProperty(Navigator.prototype, "cookieEnabled", {get: () => false});"""


class _HeldScripts:
    """Holds the page's modules back until ``release``, but not the start script before them."""

    def __init__(self, page: Page) -> None:
        self._held: list[Route] | None = []
        page.route("**/*.js", self._on_request)

    def release(self) -> None:
        held, self._held = self._held or [], None
        for route in held:
            route.continue_()

    def _on_request(self, route: Route) -> None:
        if self._held is None or "page_start" in route.request.url:
            route.continue_()
        else:
            self._held.append(route)


class _Connection:
    """The page's connection; while ``is_deaf`` is set, messages of the server are dropped."""

    def __init__(self, page: Page) -> None:
        self.is_deaf = False
        self._ends: list[tuple[WebSocketRoute, WebSocketRoute]] = []
        page.route_web_socket(lambda url: "_event" in url, self._on_socket)

    def lose(self) -> None:
        for page, server in self._ends:
            server.close()
            page.close()
        self._ends.clear()

    def _on_socket(self, page: WebSocketRoute) -> None:
        server = page.connect_to_server()
        self._ends.append((page, server))
        page.on_message(server.send)
        server.on_message(lambda message: None if self.is_deaf else page.send(message))


def test_a_message_sent_before_the_page_has_its_scripts_is_sent(
    new_visitor: NewVisitor, upstream: FakeUpstream
) -> None:
    chat = new_visitor()
    scripts = _HeldScripts(chat.page)
    chat.page.goto(chat.url, wait_until="commit")
    chat.box.press_sequentially("Hello")
    chat.box.press("Enter")
    expect(chat.box).to_have_value("Hello")
    scripts.release()
    expect(chat.answers).to_have_text(["Hello from the fake upstream."])
    expect(chat.questions).to_have_text(["Hello"])
    expect(chat.box).to_have_value("")
    assert upstream.calls == 1


def test_text_typed_before_the_page_has_its_scripts_stays_in_the_box(chat: ChatPage) -> None:
    scripts = _HeldScripts(chat.page)
    chat.page.goto(chat.url, wait_until="commit")
    chat.box.press_sequentially("Hello")
    scripts.release()
    chat.wait_until_ready()
    expect(chat.box).to_have_value("Hello")
    chat.reload()
    expect(chat.box).to_have_value("Hello")


def test_a_first_message_whose_connection_is_lost_leads_to_its_conversation(
    new_visitor: NewVisitor, upstream: FakeUpstream
) -> None:
    chat = new_visitor()
    connection = _Connection(chat.page)
    chat.open()
    connection.is_deaf = True
    chat.say("Hello")
    assert upstream.wait_calls(1)
    expect(chat.questions).to_have_count(0)
    connection.is_deaf = False
    connection.lose()
    expect(chat.page).to_have_url(CONVERSATION_ADDRESS, timeout=RECONNECTION)
    expect(chat.questions).to_have_text(["Hello"])
    expect(chat.box).to_have_value("")
    assert upstream.calls == 1


def test_blocked_storage_shows_a_notice_and_the_page_works(chat: ChatPage) -> None:
    notice = chat.page.get_by_text("blocks cookies or storage")
    expect(notice).to_be_hidden()
    chat.page.add_init_script(_BLOCKED)
    chat.open()
    expect(notice).to_be_visible()
    chat.ask("Hello")
    expect(chat.answers).to_have_text(["Hello from the fake upstream."])
