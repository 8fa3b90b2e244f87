"""``/stream`` behind nginx and Caddy with HTTPS, as ``.deploy`` configures them."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import pytest

from chat_app.infrastructure.security.identity import COOKIE
from chat_app.infrastructure.security.signer import ValueSigner
from tests.app_server import SECRET_KEY
from tests.fake_upstream import FakeUpstream
from tests.proxies import HOST, caddy, nginx
from tests.server import PROGRAM_KEY, ApiServer

Serve = Callable[..., ApiServer]
Proxy = Callable[..., AbstractContextManager[str]]

AS_PROGRAM = {"Authorization": f"Bearer {PROGRAM_KEY}", "Origin": f"https://{HOST}", "Host": HOST}
AS_VISITOR = {"Cookie": f"{COOKIE}={ValueSigner(SECRET_KEY, COOKIE).sign('v' * 43)}", "Host": HOST}
SETTINGS = {"trusted_proxies": ["127.0.0.1"], "is_open": False, "allowed_origins": [f"https://{HOST}"]}


@pytest.fixture(params=[nginx, caddy], ids=["nginx", "caddy"])
def proxy(request: pytest.FixtureRequest) -> Proxy:
    return request.param


@pytest.mark.parametrize("path", ["", "/chat"])
def test_an_answer_streams_through_it(
    proxy: Proxy, path: str, serve: Serve, upstream: FakeUpstream, tmp_path: Path
) -> None:
    server = serve(**SETTINGS, path=path)
    upstream.answer("One two three", chunk_size=7)
    upstream.hold(after=1)
    with (
        proxy(tmp_path, server.port, path) as url,
        httpx.stream(
            "GET",
            f"{url}{path}/stream?message=Count",
            headers=AS_PROGRAM,
            verify=False,  # noqa: S501 - its own certificate
            timeout=30,
        ) as response,
    ):
        frames = (json.loads(line[6:]) for line in response.iter_lines() if line.startswith("data: "))
        assert next(frames) == {"chunk": "One two"}
        upstream.release()
        assert [frame.get("chunk") for frame in frames] == [" three", None]


@pytest.mark.long
def test_a_stream_survives_more_than_a_minute_of_silence(
    proxy: Proxy, serve: Serve, upstream: FakeUpstream, tmp_path: Path
) -> None:
    server = serve(**SETTINGS, token_gap_timeout=120)
    upstream.answer("One two three", chunk_size=7)
    upstream.hold(after=1)
    with (
        proxy(tmp_path, server.port) as url,
        httpx.stream("GET", f"{url}/stream?message=Count", headers=AS_PROGRAM, verify=False, timeout=120) as response,  # noqa: S501 - its own certificate
    ):
        frames = (json.loads(line[6:]) for line in response.iter_lines() if line.startswith("data: "))
        assert next(frames) == {"chunk": "One two"}
        assert not upstream.wait_closed(65)
        upstream.release()
        assert [frame.get("chunk") for frame in frames] == [" three", None]


def test_limits_count_the_clients_address_and_not_one_that_it_names(
    proxy: Proxy, serve: Serve, upstream: FakeUpstream, tmp_path: Path
) -> None:
    server = serve(**SETTINGS, max_requests_per_minute_per_address=1)

    def ask(url: str, address: str, **headers: str) -> int:
        transport = httpx.HTTPTransport(verify=False, local_address=address)
        with httpx.Client(transport=transport, headers=AS_VISITOR | headers, timeout=30) as client:
            return client.post(f"{url}/stream", json={"message": "Hello"}).status_code

    with proxy(tmp_path, server.port) as url:
        assert ask(url, "127.0.0.2") == 200
        assert ask(url, "127.0.0.2") == 429
        assert ask(url, "127.0.0.2", **{"X-Forwarded-For": "192.0.2.1"}) == 429
        assert ask(url, "127.0.0.3") == 200


def test_a_body_of_several_megabytes_passes(proxy: Proxy, serve: Serve, upstream: FakeUpstream, tmp_path: Path) -> None:
    server = serve(**SETTINGS)
    headers = AS_PROGRAM | {"Content-Type": "application/json"}
    body = " " * 4_000_000 + json.dumps({"message": "Hello"})
    with proxy(tmp_path, server.port) as url:
        asked = httpx.post(f"{url}/stream", content=body, headers=headers, verify=False, timeout=30)  # noqa: S501 - its own certificate
    assert asked.status_code == 200
