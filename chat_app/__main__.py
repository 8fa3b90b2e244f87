"""Serves the app in production mode, page and API on one port. The page is built first if something has changed."""

import json
import os
import signal
import socket
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path

from reflex_base.config import get_config, reload_config
from reflex_base.constants import DefaultPorts, Endpoint

from chat_app.config import ConfigError, Settings, settings
from chat_app.infrastructure.security.private_folder import make_private
from chat_app.infrastructure.security.secret_key import secret_key
from chat_app.infrastructure.server.production import serve
from chat_app.infrastructure.server.single_instance import lock_folder

PROJECT = Path(__file__).parents[1]
SOURCES = ("chat_app", "assets", "rxconfig.py", "requirements.txt", "reflex.lock")

_OWN_HOST = "://localhost:"  # in the API's address unless REFLEX_API_URL is set
_EPILOG = "Everything else is configured by environment variables and .env: see .env.example."


def main() -> None:
    parser = ArgumentParser("python -m chat_app", description=__doc__, epilog=_EPILOG)
    parser.add_argument("--build", action="store_true", help="build the page and end, as in a Dockerfile")
    arguments = parser.parse_args()
    os.chdir(PROJECT)
    try:
        port = _share_port()
        if not arguments.build:
            ensure_free(get_config().backend_host, port)
        lock_folder(PROJECT)
        if arguments.build or not is_built(PROJECT, Endpoint.PING.get_url(), get_config().frontend_path):
            build(PROJECT)
        if not arguments.build:
            ensure_data(settings())
            serve(get_config().backend_host, port)
    except ConfigError as error:
        raise SystemExit(str(error)) from None


def is_built(project: Path, ping: str, path: str = "") -> bool:
    """Return True if the built page is newer than its sources and calls the API at its present address.

    Args:
        ping: The API's address for pings. A page whose API has no address of its own finds it on any port.
        path: The page's path on its host, which is also its folder in the build.
    """
    page, addresses = project / ".web/build/client" / path.strip("/") / "index.html", project / ".web/env.json"
    if not page.exists() or not addresses.exists():
        return False
    is_newer = page.stat().st_mtime > max(file.stat().st_mtime for file in _sources(project))
    built_for = json.loads(addresses.read_text("utf-8"))["PING"]
    return is_newer and (built_for == ping or (_OWN_HOST in built_for and _OWN_HOST in ping))


def build(project: Path) -> None:
    """Build the page.

    Raises:
        ConfigError: The folder can't be written.
        SystemExit: The build has failed, or was ended by a signal.
    """
    folder = project / ".web"
    if not os.access(folder if folder.exists() else project, os.W_OK):
        raise ConfigError(
            f"the page has to be built, and {folder} can't be written. "
            "Build it beforehand as a user who may: python -m chat_app --build"
        )
    command = [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip"]
    # In a group of its own, so that a signal ends node as well.
    building = subprocess.Popen(command, cwd=project, start_new_session=True)  # noqa: S603 - no input from outside

    def end(number: int, _: object) -> None:
        if sys.platform == "win32":
            building.terminate()
        else:
            os.killpg(building.pid, signal.SIGTERM)
        raise SystemExit(128 + number)

    handlers = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    status = building.wait()
    for number, handler in handlers.items():
        signal.signal(number, handler)
    if status:
        raise SystemExit(status)


def ensure_free(host: str, port: int) -> None:
    """Check that the port is free, before a build that takes a minute.

    Raises:
        ConfigError: The server can't listen on it.
    """
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            pass
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise ConfigError(f"REFLEX_FRONTEND_PORT={port}: {host} can't be listened on: {why}") from None


def ensure_data(config: Settings) -> None:
    """Check that the secret key and SQLite's file can be written.

    Raises:
        ConfigError: One of them can't be written.
    """
    secret_key(config)
    if not config.database_url.startswith("sqlite:"):
        return
    file = Path(config.database_url.removeprefix("sqlite:///"))
    try:
        make_private(file.parent)
    except OSError as error:
        raise ConfigError(f"DATABASE_URL=(hidden): the folder {file.parent} can't be made: {error.strerror}") from None
    # SQLite also writes files beside its own.
    if not os.access(file.parent, os.W_OK) or (file.exists() and not os.access(file, os.W_OK)):
        raise ConfigError(
            f"DATABASE_URL=(hidden): {file} can't be written by this user. Make its folder writable, "
            "or let DATABASE_URL name another"
        )


def _share_port() -> int:
    """Set one port for the page and the API, as in production, and return it."""
    port = get_config().frontend_port or get_config().backend_port or DefaultPorts.FRONTEND_PORT
    # Reflex derives the API's address from these, unless REFLEX_API_URL is set.
    os.environ.update(REFLEX_FRONTEND_PORT=str(port), REFLEX_BACKEND_PORT=str(port))
    reload_config()
    return port


def _sources(project: Path) -> Iterator[Path]:
    for name in SOURCES:
        path = project / name
        # Not the folders, which change when Python writes its compiled files into them.
        yield from (file for file in (path, *path.rglob("*")) if file.is_file() and "__pycache__" not in file.parts)


if __name__ == "__main__":
    main()
