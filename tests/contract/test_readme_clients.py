"""README's clients, run as printed except for the address and the key."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.javascript import node_program
from tests.readme import block
from tests.server import PROGRAM_KEY, ApiServer

Serve = Callable[..., ApiServer]

# Stand-ins for a browser's objects that Node lacks; a refused connection ends the program.
BROWSER = """
globalThis.output = {append: (text) => process.stdout.write(text)};
globalThis.alert = (text) => { throw new Error(text); };
"""
GREETING = "Hello"


@pytest.fixture
def url(serve: Serve) -> str:
    """The address of the API with the demo model."""
    return serve(openai_api_key="", openai_base_url="", demo_pace=0).url


def test_readmes_curl_command_gets_the_frames_that_readme_shows(url: str) -> None:
    output = _run(*shlex.split(block("bash", "curl").replace("http://localhost:8000", url)))
    frames = [line for line in output.splitlines() if line]
    assert all(line.startswith(("id: ", "data: ")) for line in frames)
    got = [json.loads(line.removeprefix("data: ")) for line in frames if line.startswith("data: ")]
    shown = [line for line in block("", "chunk").splitlines() if line.startswith("data: ")]
    chunk, done = (json.loads(line.removeprefix("data: ").replace("{…}", "{}")) for line in shown)
    assert got[0].keys() == chunk.keys()
    assert got[-1].keys() == done.keys()
    assert "".join(frame.get("chunk", "") for frame in got)


def test_readmes_event_source_shows_the_answer_and_ends(url: str, tmp_path: Path) -> None:
    script = tmp_path / "snippet.mjs"
    script.write_text(BROWSER + block("js", "EventSource").replace("http://localhost:8000", url), "utf-8")
    assert _run(node_program("node"), "--experimental-eventsource", str(script))


@pytest.mark.parametrize("words", ["httpx.stream", "OpenAI("])
def test_readmes_python_client_prints_the_answer(url: str, words: str) -> None:
    code = block("python", words).replace("http://localhost:8000", url).replace("<key>", PROGRAM_KEY)
    assert len(_run(sys.executable, "-c", code).strip()) > len(GREETING)


def _run(*command: str) -> str:
    """Run a program; returns its output."""
    environment = {**os.environ, "NO_PROXY": "*"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
