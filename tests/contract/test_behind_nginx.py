"""``/stream`` behind nginx with HTTPS, as README configures it."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.fake_upstream import FakeUpstream
from tests.readme import block
from tests.server import PROGRAM_KEY, ApiServer
from tests.server_process import free_port

HOST = "chat.example.com"

Serve = Callable[..., ApiServer]

_NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")
_CONFIGURATION = """
daemon off;
pid nginx.pid;
error_log error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path x; uwsgi_temp_path x; scgi_temp_path x;
    {server}
}}
"""


def test_an_answer_streams_through_it(serve: Serve, upstream: FakeUpstream, tmp_path: Path) -> None:
    if _NGINX is None:
        pytest.skip("nginx is missing; on Debian: apt install nginx")
    server = serve(trusted_proxies=["127.0.0.1"], is_open=False, allowed_origins=[f"https://{HOST}"])
    upstream.answer("One two three", chunk_size=7)
    upstream.hold(after=1)
    headers = {"Authorization": f"Bearer {PROGRAM_KEY}", "Origin": f"https://{HOST}", "Host": HOST}
    with (
        _nginx(tmp_path, server.port) as url,
        httpx.stream("GET", f"{url}/stream?message=Count", headers=headers, verify=False, timeout=30) as response,  # noqa: S501 - its own certificate
    ):
        frames = (json.loads(line[6:]) for line in response.iter_lines() if line.startswith("data: "))
        assert next(frames) == {"chunk": "One two"}
        upstream.release()
        assert [frame.get("chunk") for frame in frames] == [" three", None]


@contextmanager
def _nginx(folder: Path, port: int) -> Iterator[str]:
    """Run nginx in front of a server on this port; yields nginx's address."""
    certificate, key, listening = folder / "chat.pem", folder / "chat.key", free_port()
    subject = ["-subj", "/CN=localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject], check=True, capture_output=True
    )
    server = block("nginx", "proxy_pass")
    for pattern, value in (
        (r"listen 443", f"listen 127.0.0.1:{listening}"),
        (r"127\.0\.0\.1:3000", f"127.0.0.1:{port}"),
        (r"/etc/ssl/chat\.pem", str(certificate)),
        (r"/etc/ssl/chat\.key", str(key)),
    ):
        server, replaced = re.subn(pattern, value, server)
        assert replaced == 1
    (folder / "nginx.conf").write_text(_CONFIGURATION.format(server=server), "utf-8")
    command = [str(_NGINX), "-p", str(folder), "-c", "nginx.conf", "-e", "error.log"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        url = f"https://127.0.0.1:{listening}"
        transport = httpx.HTTPTransport(verify=False, retries=10)
        with httpx.Client(transport=transport) as client:
            client.get(f"{url}/health/live", headers={"Host": HOST}, timeout=30).raise_for_status()
        yield url
    finally:
        process.terminate()
        process.wait(timeout=10)
