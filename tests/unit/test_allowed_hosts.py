"""Host and Origin checks: a page whose name was rebound to this machine (DNS rebinding) is refused."""

import logging

import pytest
from pydantic import SecretStr
from starlette.types import Message, Receive, Scope, Send

from chat_app.api.security.allowed_hosts import AllowedHosts, host_name, is_local
from chat_app.api.security.authentication import Authenticator
from chat_app.api.security.keys import ApiKeys
from chat_app.api.security.tickets import Tickets
from chat_app.infrastructure.observability.metrics import Metrics
from chat_app.infrastructure.security.signer import TokenIssuer
from tests.fakes import RemoteRateLimiter
from tests.server import PROGRAM_KEY, ChosenSettings

OWN_NAME, OWN_ORIGIN = "chat.example.com", "https://chat.example.com:8443"
SETTINGS = ChosenSettings(allowed_origins=[OWN_ORIGIN], stream_api_keys={"program": SecretStr(PROGRAM_KEY)})
TICKETS = Tickets(TokenIssuer("a secret key", "ticket"), RemoteRateLimiter())
DENIAL = {"websocket.http.response": {}}


async def page(scope: Scope, receive: Receive, send: Send) -> None:
    kind = "websocket.accept" if scope["type"] == "websocket" else "http.response.start"
    await send({"type": kind, "status": 200, "headers": []})


async def call(
    host: str | None,
    path: str = "/",
    *,
    query: str = "",
    kind: str = "http",
    metrics: Metrics | None = None,
    **headers: str,
) -> list[Message]:
    """The messages that the middleware and the app behind it send."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": f"{kind}.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    named = headers if host is None else {"host": host, **headers}
    raw = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in named.items()]
    scope = {"type": kind, "path": path, "query_string": query.encode(), "headers": raw, "extensions": DENIAL}
    app = AllowedHosts(
        page,
        hosts=SETTINGS.allowed_hosts,
        origins=SETTINGS.allowed_origins,
        authenticator=Authenticator(ApiKeys(SETTINGS.stream_api_keys), TICKETS, is_open=True),
        metrics=metrics or Metrics(),
    )
    await app({**scope, "client": ("127.0.0.1", 50_000)}, receive, send)
    return sent


async def status(host: str | None, path: str = "/", query: str = "", **headers: str) -> int:
    return (await call(host, path, query=query, metrics=None, **headers))[0]["status"]


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("chat.example.com", "chat.example.com"),
        ("Chat.Example.COM:3000", "chat.example.com"),
        ("chat.example.com.:3000", "chat.example.com"),
        ("[::1]:3000", "[::1]"),
        ("", ""),
        (":3000", ""),
        ("a:b:c", "a:b:c"),
    ],
)
def test_a_hosts_name_is_without_port_and_in_lower_case(host: str, name: str):
    assert host_name(host) == name


LOCAL = [
    "localhost",
    "LOCALHOST:3000",
    "chat.localhost:3000",
    "127.0.0.1:3000",
    "[::1]:3000",
    "192.168.1.5",
    "[2001:db8::1]",
]
OTHERS = [
    "evil.example",
    "evil.example:3000",
    "localhost.evil.example",
    "127.0.0.1.nip.io",
    "evillocalhost",
    "notchat.example.com",
    "chat.example.com.evil.example",
    "127.0.0.1:3000:evil",
    "[evil.example]:3000",
    "127.0.0.1, evil.example",
    "evil.example\xff",
]


@pytest.mark.parametrize("host", [*LOCAL, ""])
def test_addresses_and_localhost_can_not_be_rebound(host: str):
    assert is_local(host)


@pytest.mark.parametrize("host", OTHERS)
def test_other_host_names_can_be_rebound(host: str):
    assert not is_local(host)


class TestHost:
    @pytest.mark.parametrize("host", [*LOCAL, OWN_NAME, f"{OWN_NAME}:8443", f"{OWN_NAME.upper()}:1", None])
    async def test_own_names_and_all_addresses_are_answered(self, host: str | None):
        assert await status(host) == 200

    @pytest.mark.parametrize("host", OTHERS)
    async def test_other_host_names_are_refused(self, host: str):
        assert await status(host) == 421

    @pytest.mark.parametrize(
        "path", ["/", "/docs", "/stream", "/v1/models", "/metrics", "/theme.css", "/health/live/x"]
    )
    async def test_other_host_names_are_refused_on_every_path(self, path: str):
        assert await status("evil.example", path) == 421

    @pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/ping", "/_health"])
    async def test_health_checks_may_use_any_host_name(self, path: str):
        assert await status("any-container", path) == 200

    async def test_programs_with_a_key_may_use_any_host_name(self):
        assert await status("chat", "/v1/models", authorization=f"Bearer {PROGRAM_KEY}") == 200

    async def test_browsers_with_a_ticket_may_use_any_host_name(self):
        assert await status("chat", "/stream", query=f"ticket={TICKETS.issue('program')}") == 200

    async def test_a_wrong_key_or_ticket_allows_no_other_host_name(self):
        assert await status("evil.example", authorization="Bearer guess") == 421
        assert await status("evil.example", authorization="Basic c2hvcDpzaG9w") == 421
        assert await status("evil.example", query="ticket=guess") == 421

    async def test_a_refused_host_is_told_the_variable_in_the_callers_language(self):
        for language, sentence in {"en": "add the address", "ko": "주소를"}.items():
            (_, body) = await call("evil.example", accept_language=language)
            assert sentence in body["body"].decode()
            assert b"ALLOWED_ORIGINS" in body["body"]

    async def test_a_refused_host_is_logged_with_the_variable(self, caplog: pytest.LogCaptureFixture):
        with caplog.at_level(logging.WARNING):
            await call("evil.example:3000")
        (record,) = caplog.records
        assert "evil.example:3000" in record.getMessage()
        assert vars(record)["fields"] == {"variable": "ALLOWED_ORIGINS"}
        assert vars(record)["often"], "it may come as often as somebody likes"

    async def test_a_refused_host_is_counted(self):
        metrics = Metrics()
        await call("evil.example", metrics=metrics)
        assert b'chat_rejected_total{reason="wrong_host"} 1.0' in metrics.text()


class TestWebsocket:
    @pytest.mark.parametrize("origin", [OWN_ORIGIN, "http://localhost:3000", "http://[::1]:8000"])
    async def test_a_websocket_of_the_pages_own_origin_opens(self, origin: str):
        assert (await call(OWN_NAME, kind="websocket", origin=origin))[0]["type"] == "websocket.accept"

    async def test_programs_without_an_origin_open_a_websocket(self):
        assert (await call("localhost:3000", kind="websocket"))[0]["type"] == "websocket.accept"

    @pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:3001", OWN_ORIGIN[:-5]])
    async def test_a_websocket_of_another_origin_is_refused(self, origin: str, caplog: pytest.LogCaptureFixture):
        (start, body, *_) = await call(OWN_NAME, kind="websocket", origin=origin)
        assert (start["type"], start["status"]) == ("websocket.http.response.start", 403)
        assert b"ALLOWED_ORIGINS" in body["body"]
        assert origin in caplog.text

    async def test_a_websocket_of_a_rebound_page_is_refused(self):
        for origin in ("http://evil.example:3000", "http://localhost:3000"):
            (start, *_) = await call("evil.example:3000", kind="websocket", origin=origin)
            assert (start["type"], start["status"]) == ("websocket.http.response.start", 421)


async def test_lifespan_messages_pass():
    sent: list[Message] = []

    async def lifespan(scope: Scope, receive: Receive, send: Send) -> None:
        sent.append({"type": scope["type"]})

    app = AllowedHosts(
        lifespan,
        hosts=(),
        origins=(),
        authenticator=Authenticator(ApiKeys({}), TICKETS, is_open=False),
        metrics=Metrics(),
    )
    await app({"type": "lifespan"}, lambda: None, lambda _: None)  # type: ignore[arg-type] - neither is used
    assert sent == [{"type": "lifespan"}]
