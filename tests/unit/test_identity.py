"""The visitor cookie: issue, signature, renewal, and the principal derived from it."""

import re
from dataclasses import dataclass, field

import pytest
from starlette.types import Message, Receive, Scope, Send

from chat_app.api.security.visitor_cookie import VisitorCookie
from chat_app.infrastructure.security.identity import COOKIE, visitor
from chat_app.infrastructure.security.signer import ValueSigner
from chat_app.models.principal import Principal
from tests.fakes import RemoteRateLimiter

SIGNER = ValueSigner("a secret key", COOKIE)
VALUE = SIGNER.sign("v" * 43)
HTML = (b"content-type", b"text/html; charset=utf-8")
PAGE: Message = {"type": "http.response.start", "status": 200, "headers": [HTML]}


@dataclass
class App:
    """An app that answers every request with ``response``, and records the visitors."""

    response: Message = field(default_factory=lambda: PAGE)
    body: Message | None = None
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    sent: Message = field(default_factory=dict)
    body_sent: bytes = b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.headers = list(scope.get("headers", []))
        await send(self.response)
        if self.body:
            await send(self.body)

    @property
    def cookies(self) -> list[str]:
        return [value.decode() for name, value in self.headers if name == b"cookie"]

    @property
    def cookie(self) -> str:
        """The value of the visitor cookie."""
        return next(pair.partition("=")[2] for pair in self.cookies[0].split("; ") if pair.startswith(f"{COOKIE}="))

    @property
    def visitor(self) -> Principal | None:
        return visitor("; ".join(self.cookies))


async def visit(
    app: App,
    *cookies: str,
    path: str = "/",
    root_path: str = "",
    kind: str = "http",
    secure: bool = False,
    limiter: RemoteRateLimiter | None = None,
    address: str = "192.0.2.1",
) -> list[tuple[bytes, bytes]]:
    """The headers of the response, whose first message stays in ``app.sent``."""
    sent: list[Message] = []

    async def receive() -> Message:
        raise AssertionError("the middleware reads no body")

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"host", b"localhost"), *((b"cookie", cookie.encode()) for cookie in cookies)]
    scope = {"type": kind, "path": path, "root_path": root_path, "headers": headers, "client": (address, 50_000)}
    cookie = VisitorCookie(app, signer=SIGNER, limiter=limiter or RemoteRateLimiter(), max_new=2, secure=secure)
    await cookie(scope, receive, send)
    assert scope["headers"] == headers  # other middleware with this scope sees the cookie that was sent
    app.sent = sent[0]
    app.body_sent = b"".join(message.get("body", b"") for message in sent)
    return list(sent[0].get("headers", []))


def set_cookies(headers: list[tuple[bytes, bytes]]) -> list[str]:
    return [value.decode() for name, value in headers if name == b"set-cookie"]


class TestVisitor:
    @pytest.mark.parametrize(
        "header",
        [
            f"{COOKIE}={VALUE}",
            f"other=1; {COOKIE}={VALUE}",
            f"{COOKIE}={VALUE}; other=1",
            f"{COOKIE}={VALUE};other=1",
            f"{COOKIE}=short; {COOKIE}={VALUE}",
        ],
    )
    def test_a_cookie_is_found_among_others(self, header: str):
        assert visitor(header) == visitor(f"{COOKIE}={VALUE}")

    @pytest.mark.parametrize(
        "header",
        [
            "",
            "other=1",
            f"{COOKIE}=",
            f"{COOKIE}={VALUE[1:]}",
            f"{COOKIE}={VALUE}v",
            f"{COOKIE}={VALUE[:-1]}!",
            f"{COOKIE}={'v' * 43}",
            f"x{COOKIE}={VALUE}",
            f"other={COOKIE}={VALUE}",
            f"{COOKIE}={VALUE},other=1",
        ],
    )
    def test_a_malformed_cookie_is_no_visitors(self, header: str):
        assert visitor(header) is None

    def test_a_visitors_cookie_can_not_be_made_from_the_database(self):
        principal = visitor(f"{COOKIE}={VALUE}")
        assert principal
        assert VALUE not in principal.key
        assert visitor(f"{COOKIE}={SIGNER.sign(principal.id[:43])}") != principal

    def test_visitors_differ(self):
        assert visitor(f"{COOKIE}={VALUE}") != visitor(f"{COOKIE}={SIGNER.sign('w' * 43)}")


class TestFirstVisit:
    async def test_a_page_brings_a_cookie_that_scripts_and_other_sites_can_not_use(self):
        (cookie,) = set_cookies(await visit(App()))
        assert re.fullmatch(
            rf"{COOKIE}=[\w-]{{43}}\.[\w-]{{43}}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax", cookie
        )

    async def test_the_cookie_can_be_for_https_only(self):
        (cookie,) = set_cookies(await visit(App(), secure=True))
        assert cookie.endswith("; Secure")

    async def test_below_a_path_other_apps_of_the_host_do_not_get_the_cookie(self):
        (cookie,) = set_cookies(await visit(App(), path="/chat/", root_path="/chat"))
        assert "; Path=/chat; " in cookie

    async def test_the_first_request_is_already_that_of_the_new_visitor(self):
        app = App()
        (cookie,) = set_cookies(await visit(app))
        assert app.visitor == visitor(cookie.split(";")[0])
        assert app.visitor

    async def test_every_visitor_gets_another_cookie(self):
        cookies = [set_cookies(await visit(App()))[0] for _ in range(3)]
        assert len(set(cookies)) == 3

    async def test_other_cookies_stay_in_one_header(self):
        app = App()
        await visit(app, "a=1", "b=2")
        assert len(app.cookies) == 1
        assert app.cookies[0].startswith("a=1; b=2; ")
        assert app.visitor

    @pytest.mark.parametrize("value", ["guess", "v" * 43, f"{'w' * 43}.{VALUE.partition('.')[2]}", f"{VALUE[:-1]}_"])
    async def test_a_forged_cookie_is_replaced(self, value: str):
        app = App()
        (cookie,) = set_cookies(await visit(app, f"{COOKIE}={value}"))
        assert cookie.partition(";")[0] == f"{COOKIE}={app.cookie}" != f"{COOKIE}={value}"

    async def test_a_signature_for_another_purpose_is_no_visitors(self):
        app = App()
        await visit(app, f"{COOKIE}={ValueSigner('a secret key', 'else').sign('v' * 43)}")
        assert app.visitor != visitor(f"{COOKIE}={VALUE}")

    async def test_a_websocket_brings_a_cookie_as_well(self):
        for accept in ({"type": "websocket.accept"}, {"type": "websocket.accept", "headers": [(b"a", b"b")]}):
            app = App(accept)
            headers = await visit(app, kind="websocket")
            assert len(set_cookies(headers)) == 1
            assert app.visitor
            assert b"cache-control" not in dict(headers)


class TestLaterVisit:
    async def test_a_returning_visitor_is_the_same_and_the_cookie_lives_on(self):
        app = App()
        (cookie,) = set_cookies(await visit(app, f"a=1; {COOKIE}={VALUE}"))
        assert cookie.startswith(f"{COOKIE}={VALUE}; ")
        assert app.cookies == [f"a=1; {COOKIE}={VALUE}"]

    async def test_the_genuine_one_of_several_cookies_counts(self):
        app = App()
        await visit(app, f"{COOKIE}={'w' * 43}.{'w' * 43}; a=1; {COOKIE}={VALUE}")
        assert app.cookies == [f"a=1; {COOKIE}={VALUE}"]


class TestWithoutCookie:
    async def test_assets_bring_no_cookie(self):
        for content_type in (b"text/css", b"application/json"):
            app = App({**PAGE, "headers": [(b"content-type", content_type)]})
            assert set_cookies(await visit(app)) == []
            assert app.visitor

    async def test_a_response_without_headers_brings_no_cookie(self):
        assert set_cookies(await visit(App({"type": "http.response.start", "status": 204}))) == []

    async def test_a_refused_websocket_brings_no_cookie(self):
        assert set_cookies(await visit(App({"type": "websocket.close"}), kind="websocket")) == []

    @pytest.mark.parametrize("path", ["/stream", "/stream/an-answer", "/v1/chat/completions", "/metrics"])
    @pytest.mark.parametrize("cookies", [(), (f"{COOKIE}={'w' * 43}.{'w' * 43}",)])
    async def test_programs_get_no_cookie(self, path: str, cookies: tuple[str, ...]):
        app = App()
        assert set_cookies(await visit(app, *cookies, path=path)) == []
        assert app.visitor is None

    async def test_other_cookies_of_programs_pass(self):
        app = App()
        await visit(app, "a=1", f"{COOKIE}=guess", path="/stream")
        assert app.cookies == ["a=1"]

    async def test_a_page_whose_name_only_begins_like_it_is_a_page(self):
        assert set_cookies(await visit(App(), path="/streams"))

    async def test_lifespan_messages_bring_no_cookie(self):
        app = App({"type": "lifespan.startup.complete"})
        assert await visit(app, kind="lifespan") == []


async def test_no_cache_hands_a_page_with_its_cookie_to_somebody_else():
    assert (b"cache-control", b"private") in await visit(App())


class TestManyAtOnce:
    """New visitors of one address, with a limit of two a minute."""

    async def test_assets_are_neither_counted_nor_refused(self, limiter: RemoteRateLimiter):
        asset = {**PAGE, "headers": [(b"content-type", b"text/css")]}
        for _ in range(9):
            await visit(App(asset), limiter=limiter)
        for _ in range(2):
            assert set_cookies(await visit(App(), limiter=limiter))
        app = App(asset)
        await visit(app, limiter=limiter)
        assert app.sent["status"] == 200

    async def test_nothing_of_a_refused_page_is_sent(self, limiter: RemoteRateLimiter):
        for _ in range(2):
            await visit(App(), limiter=limiter)
        app = App(body={"type": "http.response.body", "body": b"<p>The page</p>"})
        await visit(app, limiter=limiter)
        assert b"The page" not in app.body_sent

    @pytest.fixture
    def limiter(self) -> RemoteRateLimiter:
        return RemoteRateLimiter()

    async def test_pages_for_too_many_new_visitors_are_refused(self, limiter: RemoteRateLimiter):
        apps = [App() for _ in range(3)]
        for app in apps:
            await visit(app, limiter=limiter)
        assert [app.sent["status"] for app in apps] == [200, 200, 429]
        assert (b"retry-after", b"60") in apps[2].sent["headers"]
        assert set_cookies(apps[2].sent["headers"]) == []

    async def test_websockets_of_too_many_new_visitors_are_refused(self, limiter: RemoteRateLimiter):
        apps = [App({"type": "websocket.accept"}) for _ in range(3)]
        for app in apps:
            await visit(app, kind="websocket", limiter=limiter)
        assert [app.sent["type"] for app in apps] == [*["websocket.accept"] * 2, "websocket.close"]

    async def test_new_visitors_are_welcome_again_a_minute_later(self, limiter: RemoteRateLimiter):
        for _ in range(3):
            await visit(App(), limiter=limiter)
        limiter.clock.now += 60
        assert set_cookies(await visit(App(), limiter=limiter))

    async def test_known_visitors_are_not_limited(self, limiter: RemoteRateLimiter):
        for _ in range(9):
            assert set_cookies(await visit(App(), f"{COOKIE}={VALUE}", limiter=limiter))

    async def test_programs_are_not_counted_as_new_visitors(self, limiter: RemoteRateLimiter):
        for _ in range(9):
            await visit(App(), path="/stream", limiter=limiter)
        assert set_cookies(await visit(App(), limiter=limiter))

    async def test_new_visitors_from_other_addresses_are_not_refused(self, limiter: RemoteRateLimiter):
        for _ in range(9):
            await visit(App(), limiter=limiter)
        assert set_cookies(await visit(App(), limiter=limiter, address="192.0.2.2"))

    async def test_new_visitors_are_admitted_while_they_can_not_be_counted(self):
        """The page tells of the outage."""
        limiter = RemoteRateLimiter()
        limiter.failing = True
        assert set_cookies(await visit(App(), limiter=limiter))

    async def test_new_visitors_of_one_network_are_counted_together(self, limiter: RemoteRateLimiter):
        apps = [App() for _ in range(4)]
        addresses = ["2001:db8::1", "2001:db8::2", "2001:db8::ffff:0:0:3", "2001:db8:0:1::1"]
        for app, address in zip(apps, addresses, strict=True):
            await visit(app, limiter=limiter, address=address)
        assert [app.sent["status"] for app in apps] == [200, 200, 429, 200]
