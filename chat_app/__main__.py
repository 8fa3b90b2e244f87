"""Serves the app in production mode: ``python -m chat_app``.

``reflex run --env prod`` does the same, and builds the page at every start, which takes longer than all the rest. This
builds it only where something has changed since.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from reflex.utils.exec import run_backend_prod
from reflex_base.config import get_config
from reflex_base.constants import DefaultPorts, Env
from reflex_base.environment import environment

PROJECT = Path(__file__).parents[1]
SOURCES = ("chat_app", "assets", "rxconfig.py", "requirements.txt", "reflex.lock")
WEB = PROJECT / ".web"


def main() -> None:
    os.chdir(PROJECT)
    port = get_config().frontend_port or get_config().backend_port or DefaultPorts.FRONTEND_PORT
    if _is_built(port):
        environment.REFLEX_ENV_MODE.set(Env.PROD)
        run_backend_prod(get_config().backend_host, port, mount_frontend_compiled_app=True)
    else:
        os.execv(sys.executable, [sys.executable, "-m", "reflex", "run", "--env", "prod"])  # noqa: S606 - no shell


def _is_built(port: int) -> bool:
    """Whether there is a page, newer than all that it was made from and for a server at this port."""
    page, addresses = WEB / "build" / "client" / "index.html", WEB / "env.json"
    if not page.exists() or not addresses.exists():
        return False
    is_newer = page.stat().st_mtime > max(file.stat().st_mtime for file in _sources())
    return is_newer and f":{port}/" in json.loads(addresses.read_text("utf-8"))["PING"]


def _sources() -> Iterator[Path]:
    for name in SOURCES:
        path = PROJECT / name
        yield path
        yield from (file for file in path.rglob("*") if "__pycache__" not in file.parts)


if __name__ == "__main__":
    main()
