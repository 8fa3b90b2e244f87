"""Environments with other packages' clients, cached until their list of packages changes."""

import subprocess
import sys
import venv
from collections.abc import Callable, Sequence
from hashlib import sha256
from os import environ
from pathlib import Path

import pytest

from tests.contract.conftest import server, upstream, upstream_port
from tests.javascript import node_program

__all__ = ["server", "upstream", "upstream_port"]

FOLDER = Path(__file__).parent
CACHE = Path(environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "chat-clients"
VARIABLE = "CLIENTS_PYTHON"

NODE_PACKAGES = ["openai@7", "ai@7", "@ai-sdk/openai-compatible@3"]


@pytest.fixture(scope="session")
def clients_python() -> str:
    """An interpreter that has ``requirements.txt``: the one that CLIENTS_PYTHON names, or one of a new environment."""
    if named := environ.get(VARIABLE):
        return named
    requirements = FOLDER / "requirements.txt"

    def install(folder: Path) -> None:
        venv.create(folder, with_pip=True)
        _run([folder / "bin" / "python", "-m", "pip", "install", "-q", "-r", requirements], folder)

    folder = _cached("python", requirements.read_text(), install, f"set {VARIABLE}, or pip install -r {requirements}")
    return str(folder / "bin" / "python")


@pytest.fixture(scope="session")
def clients_node() -> Path:
    """A folder with Node's packages."""

    def install(folder: Path) -> None:
        _run([node_program("npm"), "install", "--no-audit", "--no-fund", *NODE_PACKAGES], folder)

    return _cached("node", " ".join(NODE_PACKAGES), install, f"npm install {' '.join(NODE_PACKAGES)}")


@pytest.fixture
def run_client(request: pytest.FixtureRequest) -> Callable[..., str]:
    """A function that runs a script of ``scripts`` with arguments and returns its output."""

    def run(script: str, *arguments: str) -> str:
        path = FOLDER / "scripts" / script
        if script.endswith(".mjs"):
            # Node looks for packages beside the script.
            folder: Path = request.getfixturevalue("clients_node")
            (folder / script).write_text(path.read_text("utf-8"), "utf-8")
            return _run([node_program("node"), folder / script, *arguments], folder)
        return _run([request.getfixturevalue("clients_python"), path, *arguments], FOLDER)

    return run


def _cached(kind: str, contents: str, install: Callable[[Path], None], how: str) -> Path:
    """The folder of a cached environment, which is installed if it isn't there as a whole.

    Args:
        kind: The beginning of the folder's name.
        contents: The packages in it: another list is another environment.
        how: How to install them by hand, for the message of a skipped test.
    """
    folder = CACHE / f"{kind}-{sha256(f'{sys.version} {contents}'.encode()).hexdigest()[:16]}"
    whole = folder / "whole"
    if not whole.exists():
        folder.mkdir(parents=True, exist_ok=True)
        try:
            install(folder)
        except AssertionError as error:
            pytest.skip(f"the clients can't be installed ({how}): {str(error)[-500:]}")
        whole.touch()
    return folder


def _run(command: Sequence[str | Path], folder: Path) -> str:
    running = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=900)
    assert running.returncode == 0, running.stderr[-3000:]
    return running.stdout.strip()
