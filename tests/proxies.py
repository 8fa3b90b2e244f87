"""Reverse proxies on a loopback port, with the configuration in ``.deploy`` and a certificate of their own.

with nginx(folder, server.port) as url:
    httpx.get(f"{url}/health/live", headers={"Host": HOST}, verify=False)
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.server_process import free_port

HOST = "chat.example.com"
"""The host name in the configuration."""

CONFIGURATION = Path(__file__).parents[1] / ".deploy"

_PATHS = "/usr/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin"
_AS_ROOT = "user root;" if os.geteuid() == 0 else ""  # for the test's own folder; otherwise its workers are nobody's
_NGINX = """
{user}
daemon off;
pid nginx.pid;
error_log error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path x; uwsgi_temp_path x; scgi_temp_path x;
    {site}
}}
"""
_CADDY = """{{
	admin off
	auto_https disable_redirects
	default_sni localhost
}}
{site}"""


@contextmanager
def nginx(folder: Path, port: int, path: str = "", *, listening: int | None = None) -> Iterator[str]:
    """Run nginx in front of a server on this port; yields nginx's address.

    Args:
        path: The app's path on its host.
        listening: The port of nginx; by default any.
    """
    program = _installed("nginx", "nginx")
    listening = listening or free_port()
    certificate, key = _certificate(folder)
    site = _replaced(
        (CONFIGURATION / "nginx.conf").read_text("utf-8"),
        {
            r"(?<!\")listen 443": f"listen 127.0.0.1:{listening}",
            r"listen 80": f"listen 127.0.0.1:{free_port()}",
            r"127\.0\.0\.1:3000": f"127.0.0.1:{port}",
            r"/etc/ssl/chat\.pem": str(certificate),
            r"/etc/ssl/chat\.key": str(key),
            r"location / ": f"location {path}/ ",
        },
    )
    (folder / "nginx.conf").write_text(_NGINX.format(user=_AS_ROOT, site=site), "utf-8")
    with _running([program, "-p", str(folder), "-c", "nginx.conf", "-e", "error.log"], listening, path) as url:
        yield url


@contextmanager
def caddy(folder: Path, port: int, path: str = "") -> Iterator[str]:
    """Run Caddy in front of a server on this port; yields Caddy's address.

    Args:
        path: The app's path on its host.
    """
    program = _installed("caddy", "caddy")
    listening = free_port()
    certificate, key = _certificate(folder)
    site = _replaced(
        (CONFIGURATION / "Caddyfile").read_text("utf-8"),
        {
            rf"(?m)^{re.escape(HOST)} \{{$": f"https://:{listening} {{\n\tbind 127.0.0.1\n\ttls {certificate} {key}",
            r"reverse_proxy 127\.0\.0\.1:3000": f"reverse_proxy {path and f'{path}/* '}127.0.0.1:{port}",
        },
    )
    file = folder / "Caddyfile"
    file.write_text(_CADDY.format(site=site), "utf-8")
    command = [program, "run", "--config", str(file), "--adapter", "caddyfile"]
    environment = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with _running(command, listening, path, environment) as url:
        yield url


def _installed(name: str, package: str) -> str:
    program = shutil.which(name, path=_PATHS)
    if program is None:
        pytest.skip(f"{name} is missing; on Debian: apt install {package}")
    return program


def _replaced(text: str, values: Mapping[str, str]) -> str:
    """``text`` with what a test can't have replaced; each pattern must be there once."""
    for pattern, value in values.items():
        text, count = re.subn(pattern, value.replace("\\", r"\\"), text)
        assert count == 1, pattern
    return text


def _certificate(folder: Path) -> tuple[Path, Path]:
    certificate, key = folder / "chat.pem", folder / "chat.key"
    subject = ["-subj", "/CN=localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject], check=True, capture_output=True
    )
    return certificate, key


@contextmanager
def _running(
    command: Sequence[str], port: int, path: str, environment: Mapping[str, str] | None = None
) -> Iterator[str]:
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=environment)
    try:
        url = f"https://127.0.0.1:{port}"
        transport = httpx.HTTPTransport(verify=False, retries=5)
        with httpx.Client(transport=transport) as client:
            client.get(f"{url}{path}/health/live", headers={"Host": HOST}, timeout=30).raise_for_status()
        yield url
    finally:
        process.terminate()
        process.wait(timeout=10)
