"""Access to ``/stream`` without a key, in production and in development mode."""

import httpx

from tests.app_server import AppServer, DevelopmentServer
from tests.browser.chat_page import ChatPage
from tests.fake_upstream import FakeUpstream

QUESTION = {"message": "Hello"}


def test_in_production_a_program_without_a_key_is_told_to_get_one(server: AppServer, upstream: FakeUpstream) -> None:
    for response in (
        httpx.get(f"{server.url}/stream", params=QUESTION),
        httpx.post(f"{server.url}/stream", json=QUESTION),
    ):
        assert response.status_code == 401
        assert "STREAM_API_KEYS" in response.json()["error"]["message"]
    assert upstream.calls == 0


def test_in_production_the_pages_browser_may_use_stream(chat: ChatPage, upstream: FakeUpstream) -> None:
    reading = "fetch('/stream?message=Hello').then((response) => response.text())"
    assert '"done": true' in chat.page.evaluate(reading)
    assert upstream.calls == 1


def test_in_development_any_program_on_this_machine_may_use_stream(
    development_server: DevelopmentServer, upstream: FakeUpstream
) -> None:
    assert '"done": true' in httpx.get(f"{development_server.api_url}/stream", params=QUESTION).text
    assert upstream.calls == 1


def test_in_development_a_question_is_not_in_the_log(
    development_server: DevelopmentServer, upstream: FakeUpstream
) -> None:
    httpx.get(f"{development_server.api_url}/stream", params={"message": "What about swordfish?"})
    assert "swordfish" not in development_server.log
