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
from reflex_base.config import get_config, reload_config
from reflex_base.constants import DefaultPorts, Endpoint, Env
from reflex_base.environment import environment

PROJECT = Path(__file__).parents[1]
SOURCES = ("chat_app", "assets", "rxconfig.py", "requirements.txt", "reflex.lock")


def main() -> None:
    os.chdir(PROJECT)
    port = _share_port()
    if is_built(PROJECT, Endpoint.PING.get_url()):
        environment.REFLEX_ENV_MODE.set(Env.PROD)
        run_backend_prod(get_config().backend_host, port, mount_frontend_compiled_app=True)
    else:
        os.execv(sys.executable, [sys.executable, "-m", "reflex", "run", "--env", "prod"])  # noqa: S606 - no shell


def is_built(project: Path, ping: str) -> bool:
    """Whether there is a page, newer than all that it was made from, that looks for the API where it is now.

    Args:
        ping: The API's address for pings.
    """
    page, addresses = project / ".web/build/client/index.html", project / ".web/env.json"
    if not page.exists() or not addresses.exists():
        return False
    is_newer = page.stat().st_mtime > max(file.stat().st_mtime for file in _sources(project))
    return is_newer and json.loads(addresses.read_text("utf-8"))["PING"] == ping


def _share_port() -> int:
    """Have the page and the API share a port, as in production they do; returns it."""
    port = get_config().frontend_port or get_config().backend_port or DefaultPorts.FRONTEND_PORT
    # Reflex makes the API's address from it, unless it has one of its own.
    os.environ.update(REFLEX_FRONTEND_PORT=str(port), REFLEX_BACKEND_PORT=str(port))
    reload_config()
    return port


def _sources(project: Path) -> Iterator[Path]:
    for name in SOURCES:
        path = project / name
        # Not the folders: they change as well when Python puts what it has compiled into them.
        yield from (file for file in (path, *path.rglob("*")) if file.is_file() and "__pycache__" not in file.parts)


if __name__ == "__main__":
    main()
