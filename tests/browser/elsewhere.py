"""Another site, from which the page must not fetch anything by itself."""

from playwright.sync_api import Route

from tests.browser.chat_page import ChatPage

ELSEWHERE = "https://elsewhere.example"


def fetched_elsewhere(chat: ChatPage) -> list[str]:
    """Record the addresses that the page fetches from the other site; its policy's refusals aren't among them."""
    fetched: list[str] = []

    def answer(route: Route) -> None:
        fetched.append(route.request.url)
        route.abort()

    chat.page.context.route(f"{ELSEWHERE}/**", answer)
    return fetched
