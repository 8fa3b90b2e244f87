"""Security headers of every response: of routes, of refusals, of the HTTP server itself."""

import re
import socket
from collections.abc import Callable
from html.parser import HTMLParser

import httpx
import pytest

from tests.server import ORIGIN, PROGRAM_KEY, ApiServer

CASES: dict[str, tuple[str, str, dict[str, str], int]] = {
    "an answer": ("GET", "/stream?message=Hi", {}, 200),
    "a stranger": ("POST", "/v1/chat/completions", {}, 401),
    "another site": ("GET", "/stream?message=Hi", {"Origin": "https://evil.example"}, 403),
    "another host": ("GET", "/docs", {"Host": "evil.example"}, 421),
    "a page": ("GET", "/docs", {}, 200),
    "a file": ("GET", "/static-offline-docs/swagger-ui.css", {}, 200),
    "nothing there": ("GET", "/nowhere", {}, 404),
    "another method": ("PUT", "/stream", {}, 405),
    "figures": ("GET", "/metrics", {"Authorization": f"Bearer {PROGRAM_KEY}"}, 200),
    "health": ("GET", "/health/live", {"Host": "any-container"}, 200),
}
EXPECTED = {
    "content-security-policy": r".*script-src 'self'.*; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "permissions-policy": r"(?!.*clipboard).*camera=\(\).*microphone=\(\).*",
}


@pytest.mark.usefixtures("upstream")
@pytest.mark.parametrize("case", CASES)
def test_every_response_has_each_security_header_once(server: ApiServer, case: str):
    method, path, headers, status = CASES[case]
    response = httpx.request(method, f"{server.url}{path}", headers=headers)
    assert response.status_code == status
    for name, pattern in EXPECTED.items():
        (value,) = response.headers.get_list(name)
        assert re.fullmatch(pattern, value), name
    assert "strict-transport-security" not in response.headers


def test_the_refusal_of_what_is_no_http_has_the_security_headers(server: ApiServer):
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(b"nonsense\r\n\r\n")
        response = connection.recv(10_000).decode().lower()
    assert response.startswith("http/1.1 400")
    assert [name for name in EXPECTED if f"\r\n{name}: " not in response] == []


def test_behind_https_browsers_are_told_to_stay_there(serve: Callable[..., ApiServer]):
    response = httpx.get(f"{serve(cookie_secure=True).url}/health/live")
    assert response.headers["strict-transport-security"] == "max-age=31536000"


class TestHost:
    """The ``Host`` header in development. More in ``tests/unit/test_allowed_hosts.py``."""

    REBOUND = {"Host": "evil.example:8000", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}  # noqa: RUF012

    @pytest.mark.parametrize("path", ["/stream?message=Hi", "/metrics", "/openapi.json"])
    def test_a_rebound_page_reads_and_spends_nothing(self, server: ApiServer, upstream, path: str):
        response = httpx.get(f"{server.url}{path}", headers=self.REBOUND)
        assert response.status_code == 421
        assert "ALLOWED_ORIGINS" in response.text
        assert "set-cookie" not in response.headers
        assert upstream.calls == 0

    @pytest.mark.usefixtures("upstream")
    def test_names_of_allowed_origins_and_programs_with_keys_are_served(self, server: ApiServer):
        name = ORIGIN.removeprefix("https://")
        assert httpx.get(f"{server.url}/stream?message=Hi", headers={"Host": name}).status_code == 200
        with_key = {"Host": "chat", "Authorization": f"Bearer {PROGRAM_KEY}"}
        assert httpx.get(f"{server.url}/v1/models", headers=with_key).status_code == 200


class _Addresses(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in ("src", "href") and value]


def test_docs_load_everything_from_this_server(server: ApiServer):
    html = httpx.get(f"{server.url}/docs").text
    addresses = _Addresses(html).found
    assert any(address.endswith(".js") for address in addresses)
    assert any(address.endswith(".css") for address in addresses)
    for address in [*addresses, "/openapi.json"]:
        assert address.startswith("/")
        assert httpx.get(f"{server.url}{address}").status_code == 200
