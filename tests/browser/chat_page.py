"""Page object of the app: elements are found by role and accessible name."""

import re
from itertools import count
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.fake_upstream import FakeUpstream

CONVERSATION_ADDRESS = re.compile(r"/chat/[0-9a-f]{32}$")

# The element of the conversation that scrolls.
_SCROLLER = """[...log.querySelectorAll("*")].find((each) =>
  each.scrollHeight > each.clientHeight && ["auto", "scroll"].includes(getComputedStyle(each).overflowY))"""

# With a deadline, since Playwright waits for a script without end.
_PAUSE = """const deadline = performance.now() + 10_000;
const pause = (milliseconds) => new Promise((resolve, reject) => performance.now() < deadline
  ? setTimeout(resolve, milliseconds) : reject(new Error("timed out")));"""


class ChatPage:
    """A tab with the app in it, in English."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.box = page.get_by_role("textbox", name="Message", exact=True)
        self.send_button = page.get_by_role("button", name="Send", exact=True)
        self.stop_button = page.get_by_role("button", name="Stop", exact=True)
        self.conversation = page.get_by_role("log", name="Conversation", exact=True)
        self.questions = page.get_by_role("article", name="You", exact=True)
        self.answers = page.get_by_role("article", name="Assistant", exact=True)
        self.edit_button = self.questions.last.get_by_role("button", name="Edit", exact=True)
        self.editor = page.get_by_role("textbox", name="Edit message", exact=True)
        self.alert = page.get_by_role("alert")
        self.try_again_button = page.get_by_role("button", name="Try again", exact=True)
        self.latest_button = page.get_by_role("button", name="Latest messages", exact=True)
        self.navigation = page.get_by_role("navigation", name="Conversations", exact=True)
        self.close_list_button = self.navigation.get_by_role("button", name="Close conversations", exact=True)
        self.open_list_button = page.get_by_role("button", name="Open conversations", exact=True)
        self.new_chat_link = self.navigation.get_by_role("link", name="New chat", exact=True)

    @property
    def answer(self) -> Locator:
        """The newest answer."""
        return self.answers.last

    def open(self, path: str = "/") -> None:
        """Go to ``path`` of the app, or to a whole address, and wait until the page has its state."""
        self.page.goto(path if path.startswith("http") else f"{self.url}{path}")
        self.wait_until_ready()

    def open_second_tab(self) -> "ChatPage":
        """Open the same address in a second tab of the same browser."""
        expect(self.page).to_have_url(CONVERSATION_ADDRESS)
        other = ChatPage(self.page.context.new_page(), self.url)
        other.open(self.page.url)
        return other

    def conversation_link(self, title: str) -> Locator:
        """Find the link to the conversation with this title in the list."""
        return self.navigation.get_by_role("link", name=title, exact=True)

    def act_on(self, title: str, action: str) -> None:
        """Choose an action from the menu of the conversation with this title."""
        self.open_list()
        self.conversation_link(title).hover()
        self.navigation.get_by_role("button", name=f"Options: {title}", exact=True).click()
        self.page.get_by_role("group", name="Options").get_by_role("button", name=action, exact=True).click()

    def open_list(self) -> None:
        """Open the list of conversations unless it is open."""
        if not self.navigation.is_visible():
            self.open_list_button.click()
        expect(self.navigation).to_be_visible()

    def start_new_chat(self) -> None:
        self.new_chat_link.click()
        expect(self.questions).to_have_count(0)
        expect(self.send_button).to_be_visible()

    def ask_and_leave(self, text: str) -> None:
        """Begin a conversation, wait for the answer and start a new chat."""
        self.box.fill(text)
        self.send_button.click()
        expect(self.questions).to_have_text([text])
        self.wait_until_answered()
        expect(self.page).to_have_url(CONVERSATION_ADDRESS)
        self.open_list()
        self.start_new_chat()

    def reload(self) -> None:
        """Reload the page, once a conversation that it shows has its address."""
        if self.questions.count():
            expect(self.page).to_have_url(CONVERSATION_ADDRESS)
        self.page.reload()
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        # Before its state arrives the page shows neither a conversation nor the heading in place of one.
        expect(self.page.get_by_role("log").or_(self.page.get_by_role("heading", level=2)).first).to_be_visible()

    def say(self, text: str) -> None:
        """Type ``text`` into the message box and press Enter."""
        self.box.fill(text)
        self.box.press("Enter")

    def ask(self, text: str) -> None:
        """Send ``text`` and wait for the end of the answer."""
        self.wait_until_answered()  # while an answer streams, Enter sends nothing
        self.say(text)
        expect(self.questions.last).to_have_text(text)
        self.wait_until_answered()

    def wait_until_answered(self) -> None:
        expect(self.send_button).to_be_visible()
        expect(self.stop_button).to_be_hidden()

    @property
    def cookie(self) -> dict[str, Any]:
        """The browser's only cookie."""
        (cookie,) = self.page.context.cookies()
        return dict(cookie)

    def allow_clipboard(self) -> None:
        self.page.context.grant_permissions(["clipboard-read", "clipboard-write"])

    def clipboard(self) -> str:
        """Read the clipboard, after ``allow_clipboard``."""
        return self.page.evaluate("navigator.clipboard.readText()")

    def wait_until_selected(self, words: str) -> None:
        """Wait until exactly these words are selected, across line breaks."""
        self.page.evaluate(
            f"""async (words) => {{
              {_PAUSE}
              while (getSelection().toString().replace(/\\s+/g, " ") !== words) await pause(10);
            }}""",
            words,
        )

    def scroll_position(self) -> float:
        """Return the scroll offset of the conversation in pixels."""
        return self.conversation.evaluate(f"(log) => {_SCROLLER}.scrollTop")

    def wait_until_scrolled_from(self, position: float) -> None:
        """Wait until the scroll offset differs from ``position`` and has settled."""
        self.conversation.evaluate(
            f"""async (log, position) => {{
              const scroller = {_SCROLLER};
              {_PAUSE}
              while (scroller.scrollTop === position) await pause(100);
              for (let last; last !== scroller.scrollTop; await pause(100)) last = scroller.scrollTop;
            }}""",
            position,
        )

    def wait_until_at_end(self) -> None:
        """Wait until the conversation is scrolled to within a pixel of its end."""
        self.conversation.evaluate(
            f"""async (log) => {{
              const scroller = {_SCROLLER};
              const rest = () => scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop;
              {_PAUSE}
              while (rest() > 1) await pause(10);
            }}"""
        )


_numbers = count(1)


def ask_for(chat: ChatPage, upstream: FakeUpstream, answer: str) -> None:
    """Let the model answer with this text, ask, and wait for the end of the answer."""
    upstream.answer(answer)
    # After the first, another text each time, which shows that it was sent.
    chat.ask(f"Hello {next(_numbers)}" if chat.questions.count() else "Hello")
