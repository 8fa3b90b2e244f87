"""``/stream``: authentication by visitor cookie, API key or ticket."""

import logging
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from chat_app.api.security.tickets import LIFETIME
from chat_app.infrastructure.security.signer import TokenIssuer
from tests.app_server import SECRET_KEY
from tests.fake_upstream import FakeUpstream
from tests.server import ORIGIN, ApiServer
from tests.stream_client import StreamClient, new_cookie

Serve = Callable[..., ApiServer]
Connect = Callable[..., StreamClient]

SHOP, PHONE = "shop-0123456789abcdefgh", "phone-0123456789abcdefgh"
KEYS = {"shop": SHOP, "phone": PHONE}


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture
def production(serve: Serve) -> ApiServer:
    return serve(is_open=False, stream_api_keys=KEYS)


@pytest.fixture
def shop(production: ApiServer, connect: Connect) -> StreamClient:
    """A program with a key."""
    return connect(production, **bearer(SHOP))


class TestProduction:
    STRANGERS: tuple[dict[str, str], ...] = (
        {},
        {"Cookie": "chat_visitor=guess"},
        {"Cookie": f"chat_visitor={'A' * 43}.{'A' * 43}"},
        {"Authorization": "Basic c2hvcDpzaG9w"},
        {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"},
        {"X-Forwarded-For": "127.0.0.1"},
    )

    @pytest.mark.parametrize("headers", STRANGERS, ids=str)
    def test_a_stranger_is_refused_and_told_what_to_configure(
        self, upstream: FakeUpstream, production: ApiServer, connect: Connect, headers: dict[str, str]
    ):
        stranger = connect(production, **headers)
        for reply in (stranger.get("Hi"), stranger.post("Hi"), stranger.go_on("a:1")):
            assert (reply.status, reply.error["code"], reply.error["retryable"]) == (401, "unauthorized", False)
            assert "STREAM_API_KEYS" in reply.error["message"]
            assert reply.headers["www-authenticate"] == "Bearer"
        assert stranger.stop("an-answer") == 401
        assert upstream.calls == 0

    def test_the_pages_browsers_are_served(self, upstream: FakeUpstream, production: ApiServer, connect: Connect):
        visitor = connect(production, cookie=new_cookie())
        assert visitor.get("Hi").text == visitor.post("Hi").text == "Hello from the fake upstream."

    def test_a_browser_with_a_cookie_from_the_page_is_served(
        self, upstream: FakeUpstream, production: ApiServer, connect: Connect
    ):
        page = httpx.get(f"{production.url}/docs")  # any page of this origin
        cookie = page.headers["set-cookie"].partition(";")[0]
        assert connect(production, cookie=cookie).post("Hi").status == 200

    def test_a_strangers_body_is_not_even_looked_at(self, production: ApiServer):
        assert httpx.post(f"{production.url}/stream", content=b"{").status_code == 401

    def test_a_site_that_is_not_allowed_stays_forbidden_with_a_key(self, shop: StreamClient):
        assert shop.get("Hi", {"Origin": "https://evil.example"}).status == 403


class TestDevelopment:
    def test_anybody_on_this_machine_may_ask(self, program: StreamClient):
        assert program.get("Hi").status == 200

    def test_a_caller_through_an_unknown_proxy_is_not_on_this_machine(self, program: StreamClient):
        for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP"):
            assert program.get("Hi", {header: "127.0.0.1"}).status == 401

    def test_a_caller_through_a_known_proxy_is_not_on_this_machine(self, serve: Serve, connect: Connect):
        program = connect(serve(trusted_proxies=["127.0.0.1"]))
        assert program.get("Hi").status == 200
        assert program.get("Hi", {"X-Forwarded-For": "203.0.113.9"}).status == 401

    def test_a_wrong_key_is_an_error_all_the_same(self, program: StreamClient):
        assert program.get("Hi", bearer("guess")).status == 401


class TestKeys:
    def test_a_program_with_a_key_is_served(self, upstream: FakeUpstream, shop: StreamClient):
        assert shop.get("Hi").text == shop.post("Hi").text == "Hello from the fake upstream."

    @pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER "])
    def test_the_scheme_of_a_key_may_be_written_in_any_way(
        self, production: ApiServer, connect: Connect, scheme: str, upstream
    ):
        assert connect(production, Authorization=f"{scheme} {SHOP}").get("Hi").status == 200

    @pytest.mark.parametrize("key", ["", "guess", SHOP[:-1], f"{SHOP}x", SHOP.upper(), "shop", "\xff"])
    def test_anything_but_a_configured_key_is_refused(self, upstream: FakeUpstream, production: ApiServer, key: str):
        headers = httpx.Headers({"Authorization": f"Bearer {key}".strip(), "Cookie": new_cookie()}, encoding="latin-1")
        assert httpx.get(f"{production.url}/stream?message=Hi", headers=headers).status_code == 401
        assert upstream.calls == 0

    def test_holders_of_different_keys_are_strangers_to_each_other(
        self, upstream: FakeUpstream, production: ApiServer, shop: StreamClient, connect: Connect
    ):
        phone = connect(production, **bearer(PHONE))
        reply = shop.post("Hi")
        assert phone.go_on(reply.frames[0].id).status == 204
        assert phone.stop(reply.done["id"]) == 404
        assert shop.go_on(reply.frames[0].id).frames == reply.frames[1:]

    def test_no_key_and_no_ticket_is_logged(
        self, upstream: FakeUpstream, shop: StreamClient, production: ApiServer, caplog: pytest.LogCaptureFixture
    ):
        with caplog.at_level(logging.DEBUG):
            ticket = ticket_of(production)
            shop.get("Hi", ticket=ticket)
            shop.get("Hi", bearer("a-wrong-key"))
        logged = [record for record in caplog.records if record.name.startswith(("chat_app", "uvicorn"))]
        assert any(record.name == "uvicorn.access" for record in logged)
        secrets = (SHOP, "a-wrong-key", ticket)
        assert not any(secret in record.getMessage() for record in logged for secret in secrets)


def ticket_of(server: ApiServer, key: str = SHOP) -> str:
    response = httpx.post(f"{server.url}/stream/tickets", headers=bearer(key))
    assert response.status_code == 201
    assert response.json()["expires_in"] == LIFETIME
    return response.json()["ticket"]


class TestTickets:
    @pytest.fixture
    def browser(self, production: ApiServer, connect: Connect) -> StreamClient:
        """A browser on another, allowed origin, with a ticket."""
        return connect(production, Origin=ORIGIN)

    def test_a_ticket_starts_an_answer_once(self, upstream: FakeUpstream, production: ApiServer, browser: StreamClient):
        ticket = ticket_of(production)
        assert browser.get("Hi", ticket=ticket).text == "Hello from the fake upstream."
        for reply in (browser.get("Hi", ticket=ticket), browser.get("And?", ticket=ticket)):
            assert (reply.status, reply.error["code"]) == (401, "unauthorized")
        assert upstream.calls == 1

    def test_a_connection_that_broke_goes_on_with_the_same_ticket(
        self, upstream: FakeUpstream, production: ApiServer, browser: StreamClient
    ):
        ticket = ticket_of(production)
        frames = browser.get("Hi", ticket=ticket).frames
        again = browser.get("Hi", {"Last-Event-ID": frames[0].id}, ticket=ticket)
        assert again.frames == frames[1:]
        assert browser.get("Hi", {"Last-Event-ID": frames[-1].id}, ticket=ticket).status == 204
        assert upstream.calls == 1

    def test_a_ticket_is_good_for_no_other_answer(
        self, upstream: FakeUpstream, production: ApiServer, shop: StreamClient, browser: StreamClient
    ):
        ticket, other = ticket_of(production), shop.post("Hi")
        assert browser.get("Hi", {"Last-Event-ID": other.frames[0].id}, ticket=ticket).status == 204
        assert browser.http.delete(f"/stream/{other.done['id']}", params={"ticket": ticket}).status_code == 404

    def test_the_program_that_got_a_ticket_can_stop_its_answer(
        self, upstream: FakeUpstream, production: ApiServer, shop: StreamClient, browser: StreamClient
    ):
        upstream.hold(after=1)
        with browser.following("Hi", ticket=ticket_of(production)) as frames:
            assert shop.stop(next(frames).answer_id) == 204
            assert list(frames)[-1].data["status"] == "stopped"

    def test_a_browser_with_a_ticket_can_stop_its_answer(
        self, upstream: FakeUpstream, production: ApiServer, browser: StreamClient
    ):
        upstream.hold(after=1)
        ticket = ticket_of(production)
        with browser.following("Hi", ticket=ticket) as frames:
            url = f"/stream/{next(frames).answer_id}"
            assert browser.http.delete(url, params={"ticket": ticket}).status_code == 204
            assert list(frames)[-1].data["status"] == "stopped"

    def test_an_expired_ticket_starts_nothing(
        self, upstream: FakeUpstream, browser: StreamClient, monkeypatch: pytest.MonkeyPatch
    ):
        fields = {"holder": "shop", "answer_id": "an-answer"}
        with monkeypatch.context() as then:
            long_ago = time.time() - LIFETIME - 2
            then.setattr(time, "time", lambda: long_ago)
            old = TokenIssuer(SECRET_KEY, "ticket").issue(fields)
        assert browser.get("Hi", ticket=old).status == 401
        assert browser.get("Hi", ticket=TokenIssuer(SECRET_KEY, "ticket").issue(fields)).status == 200
        assert upstream.calls == 1

    def test_a_forged_ticket_starts_nothing(self, upstream: FakeUpstream, browser: StreamClient):
        fields = {"holder": "shop", "answer_id": "an-answer"}
        others: list[Any] = [
            "guess",
            "a.b.c",
            "\x00",
            TokenIssuer("another secret key", "ticket").issue(fields),
            TokenIssuer(SECRET_KEY, "chat_visitor").issue(fields),
            TokenIssuer(SECRET_KEY, "ticket").issue({**fields, "holder": "nobody"}),
        ]
        assert {browser.get("Hi", ticket=ticket).status for ticket in others} == {401}
        assert upstream.calls == 0

    @pytest.mark.parametrize("headers", [{}, {"Cookie": new_cookie()}])
    def test_only_a_key_gets_a_ticket(self, production: ApiServer, server: ApiServer, headers: dict[str, str]):
        for somewhere in (production, server):
            response = httpx.post(f"{somewhere.url}/stream/tickets", headers=headers)
            assert (response.status_code, response.json()["error"]["code"]) == (401, "unauthorized")
