"""Chats from other frameworks' documentation, if the frameworks are installed.

They are no part of this project's environment. What the running interpreter cannot import, the one that the variable
``PEERS_PYTHON`` names may have; ``openai`` has to be there too.
"""

import math
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from playwright.async_api import BrowserContext

from tests.benchmarks.chats import model_variables
from tests.server_process import ServerProcess, free_port

SCRIPTS = Path(__file__).parent / "peers"


@dataclass(frozen=True)
class Peer:
    """Another framework.

    Attributes:
        runner: The module that runs the script of a chat; without one, the script runs itself.
        box, messages: As in ``Chat``.
    """

    name: str
    box: str
    messages: str
    runner: tuple[str, ...] = ()

    @property
    def package(self) -> str:
        return self.name.lower()

    @property
    def script(self) -> Path:
        return SCRIPTS / f"{self.package}_chat.py"

    @cached_property
    def python(self) -> str | None:
        """The path of an interpreter with the framework."""
        candidates = (sys.executable, os.environ.get("PEERS_PYTHON"))
        return next((python for python in candidates if python and _has(python, self.package)), None)


PEERS = (
    Peer("Chainlit", "#chat-input", "[data-step-type]", ("-m", "chainlit", "run")),
    Peer("Gradio", "textarea", "[data-testid=user], [data-testid=bot]"),
    Peer("Streamlit", "textarea", "[data-testid=stChatMessage]", ("-m", "streamlit", "run")),
    Peer("NiceGUI", "input", ".q-message"),
)


class PeerChat:
    """The chat of an installed framework, with conversations from the same file as the baseline's."""

    drawn = math.inf

    def __init__(self, peer: Peer, folder: Path, upstream_url: str) -> None:
        self.name, self.box, self.messages = peer.name, peer.box, peer.messages
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        command = [peer.python or "", *peer.runner, str(peer.script)]
        variables = _variables(str(port)) | model_variables(folder, upstream_url)
        self.server = ServerProcess(command, url, ready=[url], folder=folder, environment=variables)

    async def address(self, context: BrowserContext, earlier: int) -> str:
        return f"{self.server.url}/?earlier={earlier}"


def _variables(port: str) -> dict[str, str]:
    """The frameworks' own variables: port, headless, loopback only, no telemetry."""
    return {
        "CHAINLIT_PORT": port,
        "GRADIO_SERVER_PORT": port,
        "STREAMLIT_SERVER_PORT": port,
        "NICEGUI_PORT": port,
        "HEADLESS": "true",
        "STREAMLIT_SERVER_HEADLESS": "true",
        "STREAMLIT_SERVER_ADDRESS": "127.0.0.1",
        "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
        "GRADIO_ANALYTICS_ENABLED": "False",
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }


def _has(python: str, package: str) -> bool:
    find = f"import importlib.util; raise SystemExit(importlib.util.find_spec({package!r}) is None)"
    return subprocess.run([python, "-c", find], check=False).returncode == 0
